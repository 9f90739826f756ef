import Foundation
internal import W3pinFFI

/// Why a call failed. It never contains a key.
///
/// ```swift
/// do {
///     try await client.pinFile(at: report)
/// } catch let error as PinningError where error.kind == .insufficientFunds {
///     print("Top up the balance.")
/// }
/// ```
public struct PinningError: LocalizedError, Sendable, Hashable {
    /// The category of the failure.
    public let kind: Kind
    /// What went wrong, in a sentence.
    public let reason: String
    /// The argument or setting at fault.
    public let field: String?
    /// The local file or folder at fault.
    public let path: String?
    /// The HTTP status of the response.
    public let status: Int?
    /// The service's own message.
    public let serviceMessage: String?
    /// The beginning of a response that couldn't be understood, at most 1 KiB.
    public let bodyExcerpt: String?
    /// How long to wait, as requested by the service.
    public let retryAfter: Duration?
    /// The CID of the bytes that were sent.
    public let expectedCID: String?
    /// The CID that the service returned.
    public let returnedCID: String?
    /// Whether the same call may succeed if it is tried again later.
    public let isRetryable: Bool
    /// Whether the service may have created the pin although the call failed.
    public let isOutcomeUnknown: Bool

    private let text: String

    /// Creates an error for tests; see the properties. Without a description, the reason is used.
    public init(
        kind: Kind,
        reason: String,
        description: String? = nil,
        field: String? = nil,
        path: String? = nil,
        status: Int? = nil,
        serviceMessage: String? = nil,
        bodyExcerpt: String? = nil,
        retryAfter: Duration? = nil,
        expectedCID: String? = nil,
        returnedCID: String? = nil,
        isRetryable: Bool = false,
        isOutcomeUnknown: Bool = false
    ) {
        self.kind = kind
        self.reason = reason
        self.field = field
        self.path = path
        self.status = status
        self.serviceMessage = serviceMessage
        self.bodyExcerpt = bodyExcerpt
        self.retryAfter = retryAfter
        self.expectedCID = expectedCID
        self.returnedCID = returnedCID
        self.isRetryable = isRetryable
        self.isOutcomeUnknown = isOutcomeUnknown
        text = description ?? reason
    }

    /// The category of the failure. The kinds are the same in every language.
    public enum Kind: String, Sendable, Hashable, CaseIterable, Codable {
        /// An argument, file or setting can't be used.
        case invalidInput = "invalid_input"
        /// The service doesn't accept the credentials.
        case authentication
        /// The credentials don't permit this.
        case permissionDenied = "permission_denied"
        /// The service doesn't know the pin.
        case notFound = "not_found"
        /// The account has already pinned this content.
        case alreadyPinned = "already_pinned"
        /// The account's balance doesn't cover the pin.
        case insufficientFunds = "insufficient_funds"
        /// The service received too many requests.
        case rateLimited = "rate_limited"
        /// The service refused the call or failed.
        case api
        /// The service's response isn't as documented.
        case decode
        /// A time limit passed.
        case timeout
        /// The service couldn't be reached, or the connection broke.
        case transport
        /// A local file or folder couldn't be read or written.
        case localIO = "local_io"
        /// The service couldn't be proved to have pinned what was sent, and proof was required.
        case cidMismatch = "cid_mismatch"
    }
}

extension PinningError: CustomStringConvertible {
    /// All fields in one line.
    public var description: String { text }

    /// All fields in one line.
    public var errorDescription: String? { text }

    /// What was wrong.
    public var failureReason: String? { reason }

    /// Suggests what to do about errors of this kind.
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
        PinningError(kind: .invalidInput, reason: reason, field: field)
    }
}

extension PinningError {
    init(_ details: ErrorRecord) {
        self.init(
            kind: Kind(details.kind),
            reason: details.reason,
            description: details.text,
            field: details.field,
            path: details.path,
            status: details.status.map(Int.init),
            serviceMessage: details.serviceMessage,
            bodyExcerpt: details.bodyExcerpt,
            retryAfter: details.retryAfter.map { .nanoseconds($0) },
            expectedCID: details.expectedCid,
            returnedCID: details.returnedCid,
            isRetryable: details.isRetryable,
            isOutcomeUnknown: details.isOutcomeUnknown)
    }
}

extension PinningError.Kind {
    fileprivate init(_ kind: ErrorKind) {
        self =
            switch kind {
            case .invalidInput: .invalidInput
            case .authentication: .authentication
            case .permissionDenied: .permissionDenied
            case .notFound: .notFound
            case .alreadyPinned: .alreadyPinned
            case .insufficientFunds: .insufficientFunds
            case .rateLimited: .rateLimited
            case .api: .api
            case .decode: .decode
            case .timeout: .timeout
            case .transport: .transport
            case .localIo: .localIO
            case .cidMismatch: .cidMismatch
            }
    }
}
