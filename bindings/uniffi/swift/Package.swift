// swift-tools-version: 6.0
import PackageDescription

// `build-native.sh` makes what this needs and git doesn't keep: the Rust library and the code that calls it.
// On Linux that is a static library in `native/`, which only a root package may name by its folder. On Apple's
// platforms it is an XCFramework, made by `xcframework.sh`.
#if os(Linux)
    let library: [Target] = [
        .target(
            name: "CW3pin",
            linkerSettings: [
                .unsafeFlags(["-L\(Context.packageDirectory)/native"]),
                .linkedLibrary("w3pin_uniffi"),
            ]
        )
    ]
#else
    let library: [Target] = [.binaryTarget(name: "CW3pin", path: "native/W3pin.xcframework")]
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
        .target(name: "W3pin", dependencies: ["W3pinFFI"]),
        .testTarget(name: "W3pinTests", dependencies: ["W3pin"]),
    ],
    swiftLanguageModes: [.v6]
)
