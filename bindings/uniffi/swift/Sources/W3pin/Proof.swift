internal import W3pinFFI

/// A finished proof that a DAG is local content, and what it took.
public struct Proof: Sendable, Hashable {
    /// Files that were compared.
    public let files: Int64
    /// Bytes of their content, all of which were compared.
    public let bytes: Int64
    /// Blocks that were fetched.
    public let blocksFetched: Int64

    init(_ proof: ProofRecord) {
        files = Int64(clamping: proof.files)
        bytes = Int64(clamping: proof.bytes)
        blocksFetched = Int64(clamping: proof.blocksFetched)
    }
}
