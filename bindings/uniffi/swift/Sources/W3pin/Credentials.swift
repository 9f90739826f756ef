/// The keys of an account. They are never shown by descriptions, dumps or errors.
public struct Credentials: Sendable, Hashable {
    let apiKey: String
    let secretKey: String

    /// Creates credentials from the keys as shown by the service.
    ///
    /// - Parameters:
    ///   - apiKey: The API key.
    ///   - secretKey: The secret key.
    public init(apiKey: String, secretKey: String) {
        self.apiKey = apiKey
        self.secretKey = secretKey
    }
}

extension Credentials: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// That there are keys, and not what they are.
    public var description: String { "Credentials([redacted])" }

    /// That there are keys, and not what they are.
    public var debugDescription: String { description }

    /// Nothing of the keys.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
