internal import W3pinFFI

/// What was proved about a pin.
public struct Verification: Sendable, Hashable, Codable {
    /// The result of comparing the CIDs: verified, mismatch, unproved or unchecked.
    public var result: Result
    /// The UnixFS profile that proved it.
    public var profile: Profile?
    /// The CID of the bytes that were sent, if it differs from the service's.
    public var computedCID: String?

    /// Creates a verification for tests; see the properties.
    public init(result: Result = .unchecked, profile: Profile? = nil, computedCID: String? = nil) {
        self.result = result
        self.profile = profile
        self.computedCID = computedCID
    }

    private enum CodingKeys: String, CodingKey {
        case result, profile
        case computedCID = "computed_cid"
    }

    /// The result of comparing the service's CID with that of the bytes sent.
    public enum Result: String, Sendable, Hashable, CaseIterable, Codable {
        /// The service's CID is that of the bytes sent.
        case verified
        /// The service's CID is certainly different content.
        case mismatch
        /// No known profile gives the service's CID; ``PinningClient/verify(_:cid:gateway:walk:)`` proves or refutes it
        /// from the blocks.
        case unproved
        /// Nothing was compared.
        case unchecked
    }
}

extension Verification {
    init(_ verification: VerificationRecord) {
        let result: Result =
            switch verification.result {
            case .verified: .verified
            case .mismatch: .mismatch
            case .unproved: .unproved
            case .unchecked: .unchecked
            }
        self.init(
            result: result,
            profile: verification.profile.map(Profile.init(rawValue:)),
            computedCID: verification.computedCid)
    }
}
