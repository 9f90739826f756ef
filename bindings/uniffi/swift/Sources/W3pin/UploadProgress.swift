internal import W3pinFFI

/// The progress of an upload or a batch.
public struct UploadProgress: Sendable, Hashable, Codable {
    /// The bytes of content sent so far; never decreases.
    public var bytesSent: Int64
    /// The total bytes of content, if known.
    public var bytesTotal: Int64?
    /// The file being sent.
    public var file: String?
    /// The items of a batch that have completed or failed.
    public var itemsDone: Int64
    /// The number of items in a batch; 1 for a single upload.
    public var itemsTotal: Int64

    /// Creates a progress for tests; see the properties.
    public init(
        bytesSent: Int64, bytesTotal: Int64? = nil, file: String? = nil, itemsDone: Int64 = 0, itemsTotal: Int64 = 1
    ) {
        self.bytesSent = bytesSent
        self.bytesTotal = bytesTotal
        self.file = file
        self.itemsDone = itemsDone
        self.itemsTotal = itemsTotal
    }
}

extension UploadProgress {
    init(_ progress: TransferProgress) {
        self.init(
            bytesSent: Int64(clamping: progress.bytesSent),
            bytesTotal: progress.bytesTotal.map(Int64.init(clamping:)),
            file: progress.file,
            itemsDone: Int64(clamping: progress.itemsDone),
            itemsTotal: Int64(clamping: progress.itemsTotal))
    }
}
