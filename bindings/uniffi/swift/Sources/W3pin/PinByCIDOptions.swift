internal import W3pinFFI

/// How content that is on IPFS already is pinned.
public struct PinByCIDOptions: Sendable, Hashable {
    /// The name that listings show.
    public var name: String?
    /// Key-values to find the pin by; both are texts.
    public var keyvalues: [String: String]
    /// Whether a pin of this content that the account has already is given instead.
    public var skipIfPinned: Bool
    /// The time that the whole call may take, with all its attempts; the client's call timeout unless set.
    public var timeout: Duration?
    /// How often the call is tried; the client's policy unless set.
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

    var settings: PinByCidSettings {
        PinByCidSettings(
            name: name,
            keyvalues: keyvalues,
            skipIfPinned: skipIfPinned,
            timeout: timeout?.crossing,
            retry: retry?.settings)
    }
}
