internal import W3pinFFI

/// A packed CAR file.
public struct PackedCAR: Sendable, Hashable, Codable {
    /// The CID of the root.
    public var cid: String
    /// The number of distinct blocks.
    public var blocks: Int64
    /// The size of the CAR in bytes.
    public var bytes: Int64

    /// Creates a result for tests; see the properties.
    public init(cid: String, blocks: Int64, bytes: Int64) {
        self.cid = cid
        self.blocks = blocks
        self.bytes = bytes
    }
}

extension PackedCAR {
    init(_ packed: PackedCarRecord) {
        self.init(cid: packed.cid, blocks: Int64(clamping: packed.blocks), bytes: Int64(clamping: packed.bytes))
    }
}
