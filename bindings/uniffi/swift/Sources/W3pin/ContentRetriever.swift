import Foundation

/// Reads content back from gateways and verifies every byte against its CID before returning it. ``Retriever``
/// implements it; tests can supply their own implementation.
///
/// A path is a CID, with or without a path below it: `bafy…`, `bafy…/docs/a.txt`, `/ipfs/bafy…`, `ipfs://bafy…`, or a
/// gateway's URL.
///
/// Calls throw ``PinningError`` if they fail, and ``ClientClosedError`` after ``close()``. They can be made from any
/// number of tasks at once. If the task of a call is cancelled, its connections are closed, and it throws
/// `CancellationError`.
public protocol ContentRetriever: Sendable {
    /// Resolves a path to a file, a folder or a symbolic link.
    ///
    /// - Parameters:
    ///   - path: A CID, optionally followed by a path.
    /// - Throws: ``PinningError`` of kind ``PinningError/Kind/notFound`` if nothing exists at the path or no gateway
    ///   has it.
    func resolve(_ path: String) async throws -> Node

    /// Reads a file, or a range of it, into memory.
    ///
    /// - Parameters:
    ///   - path: A CID, optionally followed by a path.
    ///   - options: Which part of it, and how much at most.
    /// - Throws: ``PinningError``: ``PinningError/Kind/invalidInput`` if it isn't a file, or is larger than the options
    ///   allow, ``PinningError/Kind/notFound`` if no gateway has it.
    func read(_ path: String, options: ReadOptions) async throws -> Data

    /// Streams a file, or a range of it.
    ///
    /// - Parameters:
    ///   - path: A CID, optionally followed by a path.
    ///   - options: Which part of it, and how much at most.
    func stream(_ path: String, options: ReadOptions) -> RetrievedSequence<Data>

    /// Opens a file for random access.
    ///
    /// - Parameters:
    ///   - path: A CID, optionally followed by a path.
    /// - Throws: ``PinningError``: ``PinningError/Kind/invalidInput`` if it isn't a file,
    ///   ``PinningError/Kind/notFound`` if no gateway has it.
    func open(_ path: String) async throws -> ContentReader

    /// Lists the entries of a folder.
    ///
    /// The entries come in the order of the folder's blocks: by name in a small folder, and by the hashes of the names
    /// in a sharded one.
    ///
    /// - Parameters:
    ///   - path: A CID, optionally followed by a path.
    func list(_ path: String) -> RetrievedSequence<FolderEntry>

    /// Writes a file or folder to disk.
    ///
    /// A file gets its final name once it is complete. Content that is already on disk is compared by its digests, and
    /// only what
    /// is missing is fetched; call it again to resume after an interruption. A file with other content is left as it
    /// is, unless the options
    /// say otherwise. Names and links that lead out of the destination are rejected.
    ///
    /// - Parameters:
    ///   - path: A CID, optionally followed by a path.
    ///   - destination: The path of the file or folder to write.
    ///   - options: How it is fetched.
    /// - Throws: ``PinningError``: ``PinningError/Kind/localIO`` if it can't be written,
    ///   ``PinningError/Kind/decode`` if the content is invalid.
    @discardableResult
    func fetch(_ path: String, to destination: URL, options: FetchOptions) async throws -> Fetched

    /// Stops every call in progress and rejects later ones; all of them throw ``ClientClosedError``.
    ///
    /// A retriever that is no longer referenced is closed automatically.
    func close()
}

// A requirement can't have default arguments: these stand in for them.

extension ContentRetriever {
    /// Reads a file into memory.
    ///
    /// - Parameters:
    ///   - path: A CID, optionally followed by a path.
    public func read(_ path: String) async throws -> Data {
        try await read(path, options: ReadOptions())
    }

    /// Streams a file.
    ///
    /// - Parameters:
    ///   - path: A CID, optionally followed by a path.
    public func stream(_ path: String) -> RetrievedSequence<Data> {
        stream(path, options: ReadOptions())
    }

    /// Writes a file or folder to disk.
    ///
    /// - Parameters:
    ///   - path: A CID, optionally followed by a path.
    ///   - destination: The path of the file or folder to write.
    @discardableResult
    public func fetch(_ path: String, to destination: URL) async throws -> Fetched {
        try await fetch(path, to: destination, options: FetchOptions())
    }
}
