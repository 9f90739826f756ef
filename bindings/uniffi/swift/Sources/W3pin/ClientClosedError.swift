import Foundation

/// The client or the retriever was closed before or during the call.
public struct ClientClosedError: LocalizedError, Sendable, Hashable {
    private let closed: String

    init(closed: String = "client") {
        self.closed = closed
    }

    /// What happened.
    public var errorDescription: String? { "the \(closed) is closed" }

    /// What to do.
    public var recoverySuggestion: String? { "Make a new \(closed), and close it only when its last call has ended." }
}
