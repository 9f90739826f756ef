// swift-tools-version: 6.0
import PackageDescription

let package = Package(
    name: "pin-folder",
    platforms: [.macOS(.v13)],
    dependencies: [.package(name: "w3pin", path: "..")],
    targets: [
        .executableTarget(name: "pin-folder", dependencies: [.product(name: "W3pin", package: "w3pin")])
    ]
)
