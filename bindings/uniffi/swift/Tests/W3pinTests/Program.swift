import Foundation

/// The repository's folder.
let repository = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().appending(path: "../../../../..").standardizedFileURL

/// A program of this repository that prints a line once it is ready, and ends with this object.
final class Program: @unchecked Sendable {
    let line: String
    private let process = Process()
    // Some end when this is closed.
    private let input = Pipe()

    init(_ name: String, _ arguments: [String] = []) throws {
        let output = Pipe()
        process.executableURL = repository.appending(path: "target/debug/\(name)")
        process.arguments = arguments
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        var line = Data()
        while line.last != UInt8(ascii: "\n") {
            guard let byte = try output.fileHandleForReading.read(upToCount: 1), !byte.isEmpty else {
                throw CocoaError(.fileReadUnknown)
            }
            line += byte
        }
        self.line = String(decoding: line.dropLast(), as: UTF8.self)
    }

    deinit {
        process.terminate()
    }
}

/// A folder that is empty at first, and removed with this object.
final class Folder: Sendable {
    let url = FileManager.default.temporaryDirectory.appending(path: "w3pin-\(UUID().uuidString)")

    init() throws {
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    /// Writes a file, with the folders above it.
    func write(_ name: String, _ content: Data) throws -> URL {
        let file = url.appending(path: name)
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try content.write(to: file)
        return file
    }

    deinit {
        try? FileManager.default.removeItem(at: url)
    }
}
