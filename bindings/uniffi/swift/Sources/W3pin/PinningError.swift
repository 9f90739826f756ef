import Foundation
internal import W3pinFFI

/// Why an operation failed. It never holds a key.
///
/// ```swift
/// do {
///     try await client.pinFile(at: report)
/// } catch let error as PinningError where error.kind == .insufficientFunds {
///     print("Top up the balance.")
/// }
/// ```
public struct PinningError: LocalizedError, Sendable, Hashable {
    /// What went wrong, by what the caller can do about it.
    public let kind: Kind
    /// What was wrong, in a sentence.
    public let reason: String
    /// The argument or setting at fault, where one is.
    public let field: String?
    /// The local file or folder at fault, where one is.
    public let path: String?
    /// The HTTP status of the answer, where there was one.
    public let status: Int?
    /// The service's own words.
    public let serviceMessage: String?
    /// The beginning of an answer that couldn't be understood, at most 1 KiB.
    public let bodyExcerpt: String?
    /// How long the service asks to wait.
    public let retryAfter: Duration?
    /// The CID of the bytes that were sent.
    public let expectedCID: String?
    /// The CID that the service answered.
    public let returnedCID: String?
    /// Whether the same call may succeed later with nothing changed.
    public let isRetryable: Bool

    private let text: String

    init(_ details: ErrorDetails) {
        kind = Kind(rawValue: details.kind) ?? .api
        reason = details.reason
        field = details.field
        path = details.path
        status = details.status.map(Int.init)
        serviceMessage = details.serviceMessage
        bodyExcerpt = details.bodyExcerpt
        retryAfter = details.retryAfter.map { .seconds($0) }
        expectedCID = details.expectedCid
        returnedCID = details.returnedCid
        isRetryable = details.isRetryable
        text = details.text
    }

    /// The kinds of errors, the same in every language.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// An argument, file or setting can't be used. Mostly refused before a byte is sent.
        case invalidInput = "invalid_input"
        /// The service doesn't accept the credentials.
        case authentication
        /// The credentials are good, but not for this.
        case permissionDenied = "permission_denied"
        /// The service knows no such pin.
        case notFound = "not_found"
        /// The account has already pinned this content.
        case alreadyPinned = "already_pinned"
        /// The account's balance doesn't cover the pin.
        case insufficientFunds = "insufficient_funds"
        /// Too many requests in too short a time.
        case rateLimited = "rate_limited"
        /// The service refused the call in another way, or failed.
        case api
        /// The service's answer isn't what its documentation says.
        case decode
        /// A time limit passed.
        case timeout
        /// The service wasn't reached, or the connection broke.
        case transport
        /// A local file or folder couldn't be read.
        case localIO = "local_io"
        /// What the service pinned isn't provably what was sent.
        case cidMismatch = "cid_mismatch"
    }
}

extension PinningError: CustomStringConvertible {
    /// All that is known, in a line.
    public var description: String { text }

    /// All that is known, in a line.
    public var errorDescription: String? { text }

    /// What was wrong.
    public var failureReason: String? { reason }

    /// What to do about errors of this kind.
    public var recoverySuggestion: String? {
        switch kind {
        case .invalidInput: "Change \(field ?? "what was given") as the error says."
        case .authentication: "Check the API key and the secret key."
        case .permissionDenied: "Use keys of an account that may do this."
        case .notFound: "Check the pin's id; the pin may have been removed."
        case .alreadyPinned: "The content is pinned; nothing is to be done."
        case .insufficientFunds: "Top up the account's balance."
        case .rateLimited:
            retryAfter.map { "Wait for \($0.components.seconds) seconds, and try again." }
                ?? "Wait for a while, and try again."
        case .api where isRetryable: "Try again later."
        case .api: "The service refused this call; see what it says."
        case .decode: "Check that the endpoint is a pinning service, and what stands between."
        case .timeout: "Try again, or allow more time."
        case .transport: "Check the network and the endpoint, and try again."
        case .localIO: "Check that \(path ?? "the file") exists, can be read, and isn't being changed."
        case .cidMismatch: "Compare the content with what is pinned, and unpin it if it isn't what was meant."
        }
    }

    static func invalidInput(_ field: String, _ reason: String) -> PinningError {
        PinningError(
            ErrorDetails(
                kind: Kind.invalidInput.rawValue, text: reason, reason: reason, field: field, path: nil, status: nil,
                serviceMessage: nil, bodyExcerpt: nil, retryAfter: nil, expectedCid: nil, returnedCid: nil,
                isRetryable: false))
    }
}
