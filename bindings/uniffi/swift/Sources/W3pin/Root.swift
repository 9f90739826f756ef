internal import W3pinFFI

/// The root of local content.
public struct Root: Sendable, Hashable {
    /// Its CID.
    public let cid: String
    /// Bytes of content.
    public let size: Int64
    /// Bytes of all blocks.
    public let dagSize: Int64

    init(_ root: RootRecord) {
        cid = root.cid
        size = Int64(clamping: root.size)
        dagSize = Int64(clamping: root.dagSize)
    }
}
