internal import W3pinFFI

/// The progress of a fetch.
public struct FetchProgress: Sendable, Hashable, Codable {
    /// The bytes of content on disk.
    public var bytes: Int64
    /// The total bytes of content, when a single file is fetched.
    public var bytesTotal: Int64?
    /// The number of complete files.
    public var files: Int64

    /// Creates a progress for tests; see the properties.
    public init(bytes: Int64, bytesTotal: Int64? = nil, files: Int64 = 0) {
        self.bytes = bytes
        self.bytesTotal = bytesTotal
        self.files = files
    }
}

/// The result of a fetch.
public struct Fetched: Sendable, Hashable, Codable {
    /// The CID of the fetched content.
    public var cid: String
    /// The files.
    public var files: Int64
    /// The bytes of content.
    public var bytes: Int64
    /// The bytes of content fetched from gateways.
    public var bytesFetched: Int64

    /// Creates a value for tests; see the properties.
    public init(cid: String, files: Int64, bytes: Int64, bytesFetched: Int64) {
        self.cid = cid
        self.files = files
        self.bytes = bytes
        self.bytesFetched = bytesFetched
    }
}

extension FetchProgress {
    init(_ progress: FetchProgressRecord) {
        self.init(
            bytes: Int64(clamping: progress.bytes),
            bytesTotal: progress.bytesTotal.map(Int64.init(clamping:)),
            files: Int64(clamping: progress.files))
    }
}

extension Fetched {
    init(_ fetched: FetchedRecord) {
        self.init(
            cid: fetched.cid,
            files: Int64(clamping: fetched.files),
            bytes: Int64(clamping: fetched.bytes),
            bytesFetched: Int64(clamping: fetched.bytesFetched))
    }
}
