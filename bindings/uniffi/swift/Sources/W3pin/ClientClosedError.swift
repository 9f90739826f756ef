import Foundation

/// The client of the call was closed, before it or meanwhile.
public struct ClientClosedError: LocalizedError, Sendable, Hashable {
    /// What happened.
    public var errorDescription: String? { "the client is closed" }

    /// What to do.
    public var recoverySuggestion: String? { "Make a new client, and close it only when its last call has ended." }
}
