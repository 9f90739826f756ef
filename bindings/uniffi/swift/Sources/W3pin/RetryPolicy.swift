internal import W3pinFFI

/// The retry policy of calls that fail for a transient reason, with exponential backoff. Delays are random, and at
/// least as long as the service asks for.
public struct RetryPolicy: Sendable, Hashable {
    /// The maximum number of attempts, at least 1; 5 unless set.
    public var attempts: Int?
    /// The longest delay before the second attempt, which doubles with each further one; half a second unless set.
    public var baseDelay: Duration?
    /// The longest delay before any attempt; 30 seconds unless set.
    public var maxDelay: Duration?
    /// How long after the start of the call a new attempt may begin; 2 minutes unless set.
    public var budget: Duration?

    /// Creates a policy; see the properties.
    public init(
        attempts: Int? = nil,
        baseDelay: Duration? = nil,
        maxDelay: Duration? = nil,
        budget: Duration? = nil
    ) {
        self.attempts = attempts
        self.baseDelay = baseDelay
        self.maxDelay = maxDelay
        self.budget = budget
    }

    var settings: RetrySettings {
        RetrySettings(
            attempts: attempts.map(Int64.init),
            baseDelay: baseDelay?.crossing,
            maxDelay: maxDelay?.crossing,
            budget: budget?.crossing)
    }
}
