import Foundation
internal import W3pinFFI

/// A file or folder, on disk or in memory.
///
/// ```swift
/// let site = try await computeCID(of: .path(URL(fileURLWithPath: "site")))
/// let drop = try await computeCID(of: .files(["0.json": json, "images/0.png": image]))
/// ```
public enum Content: Sendable, Hashable {
    /// The file or folder at a file URL.
    case path(URL)
    /// A file of these bytes.
    case bytes(Data)
    /// A folder of these files, by their paths in it, separated by `/`.
    case files([String: Data])
}

extension Content {
    func native(_ field: String) throws -> LocalContent {
        switch self {
        case .path(let url): .path(path: try url.local(field))
        case .bytes(let bytes): .bytes(bytes: try bytes.crossing(field))
        case .files(let files): .files(files: try files.crossing(field))
        }
    }
}
