internal import W3pinFFI

/// What is proved of a pin.
public struct Verification: Sendable, Hashable {
    /// What came of the comparison.
    public let result: Result
    /// The profile that proved it.
    public let profile: Profile?
    /// The CID of the bytes sent, where it isn't the service's.
    public let computedCID: String?

    init(_ verification: VerificationRecord) {
        // What isn't known proves nothing.
        result = Result(rawValue: verification.result) ?? .unchecked
        profile = verification.profile.map(Profile.init(rawValue:))
        computedCID = verification.computedCid
    }

    /// What comes of comparing the service's CID with that of the bytes sent.
    public enum Result: String, Sendable, Hashable, CaseIterable {
        /// The service's CID is that of the bytes sent.
        case verified
        /// It certainly isn't.
        case mismatch
        /// No known profile gives it; ``Client/verify(contentAt:cid:gateway:hidden:symlinks:)`` proves or refutes it.
        case unproved
        /// Nothing was compared.
        case unchecked
    }
}
