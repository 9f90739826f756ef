internal import W3pinFFI

/// The options of pinning content that is already on IPFS.
public struct PinByCIDOptions: Sendable, Hashable {
    /// The name shown in listings.
    public var name: String?
    /// Key-values to find the pin by; keys and values are strings.
    public var keyvalues: [String: String]
    /// Whether to return the existing pin if the account has already pinned the content.
    public var skipIfPinned: Bool
    /// The time limit of the whole call, retries included; the client's call timeout unless set.
    public var timeout: Duration?
    /// The retry policy of this call; the client's unless set.
    public var retry: RetryPolicy?

    /// Creates options; see the properties.
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
