import Foundation

/// The repository's folder.
let repository = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().appending(path: "../../../../..").standardizedFileURL

/// A program of this repository that prints a line once it is ready. It ends with this object, and with the tests.
final class Program: @unchecked Sendable {
    let line: String
    private let process = Process()
    private let input = Pipe()

    init(_ name: String, _ arguments: [String] = []) throws {
        let output = Pipe()
        let program = repository.appending(path: "target/debug/\(name)").path
        // The program ends when its input is closed. A signal wouldn't arrive: Swift's threads block them. The shell
        // keeps no end of the output, so that reading it ends if the program fails.
        let script = #"exec 3<&0; "$0" "$@" <&3 & exec >&-; read -r _; kill -9 $!"#
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", script, program] + arguments
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
        try? input.fileHandleForWriting.close()
    }
}

/// A temporary folder, removed with this object.
final class Folder: Sendable {
    let url = FileManager.default.temporaryDirectory.appending(path: "w3pin-\(UUID().uuidString)")

    init() throws {
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    /// Writes a file, creating its parent folders.
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
