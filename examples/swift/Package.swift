// swift-tools-version: 6.0
import PackageDescription

let names = ["pin-file", "pin-folder", "sync-folder", "pin-drop", "clean-up", "web-handler", "read-back", "tour"]

let package = Package(
    name: "w3pin-examples",
    platforms: [.macOS(.v13)],
    dependencies: [.package(name: "w3pin", path: "../../bindings/uniffi/swift")],
    targets: names.map { .executableTarget(name: $0, dependencies: [.product(name: "W3pin", package: "w3pin")]) }
)
