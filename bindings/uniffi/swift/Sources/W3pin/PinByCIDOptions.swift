internal import W3pinFFI

/// How content that is on IPFS already is pinned.
public struct PinByCIDOptions: Sendable, Hashable {
    /// The name that listings show.
    public var name: String?
    /// Pairs to find the pin by.
    public var keyvalues: [String: String]
    /// Whether content that the account has pinned already is left as it is.
    public var skipIfPinned: Bool
    /// How long the whole call may take; the client's `callTimeout` unless set.
    public var timeout: Duration?
    /// How often the call is tried; the client's unless set.
    public var retry: RetryPolicy?

    /// Makes options; see the properties.
    public init(
        name: String? = nil,
        keyvalues: [String: String] = [:],
        skipIfPinned: Bool = false,
        timeout: Duration? = nil,
        retry: RetryPolicy? = nil
    ) {
        self.name = name
        self.keyvalues = keyvalues
        self.skipIfPinned = skipIfPinned
        self.timeout = timeout
        self.retry = retry
    }

    func settings() throws -> PinByCidSettings {
        PinByCidSettings(
            name: name,
            keyvalues: keyvalues,
            skipIfPinned: skipIfPinned,
            timeout: try timeout.seconds("timeout"),
            retry: try retry?.settings())
    }
}
