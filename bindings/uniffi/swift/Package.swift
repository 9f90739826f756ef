// swift-tools-version: 6.0
import PackageDescription

// The Rust library and the code that calls it are made by `build-native.sh` in a clone, and come along in the package's
// repository (`package-repository.sh`). On Apple's platforms the library is an XCFramework, made by `xcframework.sh`.
#if os(Linux)
    #if arch(arm64)
        let folder = "\(Context.packageDirectory)/native/linux-aarch64"
    #else
        let folder = "\(Context.packageDirectory)/native/linux-x86_64"
    #endif
    // A package that is had by its version may not add a folder to search. But it may name a file, from any folder that
    // the linker searches.
    let root = String(repeating: "../", count: 32)
    let library: [Target] = [
        .target(
            name: "CW3pin",
            linkerSettings: [.linkedLibrary(":\(root)\(folder)/libw3pin_uniffi.a")]
        )
    ]
    let privacy: [Resource] = []
    let notHere = ["PrivacyInfo.xcprivacy"]
#else
    let library: [Target] = [.binaryTarget(name: "CW3pin", path: "native/W3pin.xcframework")]
    let privacy: [Resource] = [.copy("PrivacyInfo.xcprivacy")]
    let notHere: [String] = []
#endif

let package = Package(
    name: "w3pin",
    platforms: [.macOS(.v13), .iOS(.v16)],
    products: [
        .library(name: "W3pin", targets: ["W3pin"])
    ],
    targets: library + [
        // Generated code doesn't pass the checks of language mode 6.
        .target(
            name: "W3pinFFI",
            dependencies: ["CW3pin"],
            swiftSettings: [.swiftLanguageMode(.v5)],
            linkerSettings: [
                .linkedFramework("Security", .when(platforms: [.macOS, .iOS])),
                .linkedFramework("SystemConfiguration", .when(platforms: [.macOS])),
            ]
        ),
        .target(name: "W3pin", dependencies: ["W3pinFFI"], exclude: notHere, resources: privacy),
        .testTarget(name: "W3pinTests", dependencies: ["W3pin"]),
    ],
    swiftLanguageModes: [.v6]
)
