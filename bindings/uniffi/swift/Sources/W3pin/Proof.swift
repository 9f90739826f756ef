internal import W3pinFFI

/// The result of a proof.
public struct Proof: Sendable, Hashable, Codable {
    /// The number of files compared.
    public var files: Int64
    /// The bytes of content compared, each covered by a verified digest.
    public var bytes: Int64
    /// The number of blocks fetched.
    public var blocksFetched: Int64

    /// Creates a proof for tests; see the properties.
    public init(files: Int64, bytes: Int64, blocksFetched: Int64) {
        self.files = files
        self.bytes = bytes
        self.blocksFetched = blocksFetched
    }
}

extension Proof {
    init(_ proof: ProofRecord) {
        self.init(
            files: Int64(clamping: proof.files),
            bytes: Int64(clamping: proof.bytes),
            blocksFetched: Int64(clamping: proof.blocksFetched))
    }
}
