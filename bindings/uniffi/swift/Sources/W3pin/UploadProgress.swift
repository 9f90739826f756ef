internal import W3pinFFI

/// How far an upload is.
public struct UploadProgress: Sendable, Hashable {
    /// Bytes of content that were given to the connection. It never falls.
    public let bytesSent: Int64
    /// Bytes of content in all, where that is known.
    public let bytesTotal: Int64?
    /// The file being sent, as the service gets to know it.
    public let file: String?

    init(_ progress: TransferProgress) {
        bytesSent = Int64(clamping: progress.bytesSent)
        bytesTotal = progress.bytesTotal.map(Int64.init(clamping:))
        file = progress.file
    }
}
