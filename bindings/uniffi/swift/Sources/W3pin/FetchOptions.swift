import Foundation
internal import W3pinFFI

/// The options of a fetch.
///
/// ```swift
/// try await retriever.fetch("bafy…", to: site, options: FetchOptions(onProgress: { print($0.bytes) }))
/// ```
public struct FetchOptions: Sendable {
    /// Whether to replace files that have other content.
    public var overwrite: Bool
    /// How many responses to read at a time.
    public var concurrency: Int
    /// What to do with symbolic links.
    public var symlinks: SymlinkPolicy
    /// The maximum number of bytes in all files together; 1 TiB unless set.
    public var mostBytes: Int64?
    /// The maximum number of files, folders and links; 1,000,000 unless set.
    public var mostEntries: Int64?
    /// Called with the progress, at most ten times a second and once at the end. It is called from a dedicated thread,
    /// never concurrently, may block, and may call the retriever; a slow one receives only the latest progress. An
    /// exception that it throws stops the fetch, which rethrows it.
    public var onProgress: (@Sendable (FetchProgress) throws -> Void)?
    /// Also receives the progress, and finishes when the fetch ends.
    public var progressUpdates: AsyncStream<FetchProgress>.Continuation?
    /// Updated with the bytes on disk; cancelling it cancels the fetch.
    public var foundationProgress: Progress?

    /// Creates options; see the properties.
    public init(
        overwrite: Bool = false,
        concurrency: Int = 4,
        symlinks: SymlinkPolicy = .inside,
        mostBytes: Int64? = nil,
        mostEntries: Int64? = nil,
        onProgress: (@Sendable (FetchProgress) throws -> Void)? = nil,
        progressUpdates: AsyncStream<FetchProgress>.Continuation? = nil,
        foundationProgress: Progress? = nil
    ) {
        self.overwrite = overwrite
        self.concurrency = concurrency
        self.symlinks = symlinks
        self.mostBytes = mostBytes
        self.mostEntries = mostEntries
        self.onProgress = onProgress
        self.progressUpdates = progressUpdates
        self.foundationProgress = foundationProgress
    }

    func settings(_ feed: FetchFeed?) -> FetchSettings {
        FetchSettings(
            overwrite: overwrite,
            concurrency: Int64(concurrency),
            symlinks: symlinks.native,
            mostBytes: mostBytes,
            mostEntries: mostEntries,
            progress: feed)
    }
}

/// What a fetch does with the symbolic links of a folder.
public enum SymlinkPolicy: Sendable, Hashable, CaseIterable {
    /// Links within the folder are created; one that leads out of it is an error.
    case inside
    /// All links are created, wherever they lead.
    case all
    /// No links are created.
    case skip

    /// Parses the word that settings use, such as `skip`; throws ``PinningError`` for others.
    public init(word: String) throws {
        switch try translating({ try symlinkPolicyOf(word: word) }) {
        case .inside: self = .inside
        case .all: self = .all
        case .skip: self = .skip
        }
    }

    fileprivate var native: FetchedSymlinks {
        switch self {
        case .inside: .inside
        case .all: .all
        case .skip: .skip
        }
    }
}
