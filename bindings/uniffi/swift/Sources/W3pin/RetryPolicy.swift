internal import W3pinFFI

/// How often calls are tried that fail for a passing reason. Waits are random, double with every try, and are as long as
/// the service asks.
public struct RetryPolicy: Sendable, Hashable {
    /// Tries in all, the first one included; 5 unless set.
    public var attempts: Int?
    /// The longest wait before the second try; 500 milliseconds unless set.
    public var baseDelay: Duration?
    /// The longest wait before any try; 30 seconds unless set.
    public var maxDelay: Duration?
    /// No try begins later than this after the call began; 120 seconds unless set.
    public var budget: Duration?

    /// Makes a policy; see the properties.
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

    func settings() throws -> RetrySettings {
        RetrySettings(
            attempts: try attempts.count("attempts"),
            baseDelay: try baseDelay.seconds("base_delay"),
            maxDelay: try maxDelay.seconds("max_delay"),
            budget: try budget.seconds("budget"))
    }
}
