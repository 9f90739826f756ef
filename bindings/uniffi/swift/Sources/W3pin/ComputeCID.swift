import Foundation
internal import W3pinFFI

/// The CID of a file or folder, offline. A folder counts empty folders and symbolic links, unless told otherwise.
///
/// - Parameters:
///   - path: The URL of the file or folder.
///   - profile: The layout; ``Profile/kuboCIDv1Legacy`` unless given.
///   - hidden: Whether a folder's files and folders whose names begin with a dot count.
///   - symlinks: What becomes of symbolic links in a folder; ``Symlinks/preserve`` unless given.
/// - Throws: ``PinningError`` of kind ``PinningError/Kind/localIO`` where it can't be read.
public func computeCID(
    at path: URL,
    profile: Profile? = nil,
    hidden: Bool = false,
    symlinks: Symlinks? = nil
) async throws -> Root {
    let settings = LocalSettings(
        profile: profile?.rawValue, hidden: hidden, symlinks: symlinks?.rawValue, gateway: nil)
    let root = try await calling { cancel in
        try await computeCid(path: path.local(), settings: settings, cancel: cancel)
    }
    return Root(root)
}
