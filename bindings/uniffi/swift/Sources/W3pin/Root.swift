internal import W3pinFFI

/// The root of content.
public struct Root: Sendable, Hashable, Codable {
    /// The CID of the root.
    public var cid: String
    /// The bytes of content.
    public var size: Int64
    /// The bytes of all blocks; a block that is linked twice counts twice.
    public var dagSize: Int64

    /// Creates a root for tests; see the properties.
    public init(cid: String, size: Int64, dagSize: Int64) {
        self.cid = cid
        self.size = size
        self.dagSize = dagSize
    }
}

extension Root {
    init(_ root: RootRecord) {
        self.init(cid: root.cid, size: Int64(clamping: root.size), dagSize: Int64(clamping: root.dagSize))
    }
}
