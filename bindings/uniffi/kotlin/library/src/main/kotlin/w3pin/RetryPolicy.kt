package w3pin

import kotlin.time.Duration
import w3pin.ffi.RetrySettings

/**
 * The retry policy of calls. Transient failures are retried with exponential backoff and full jitter; a service that
 * asks for a longer delay gets it. In Java, use [RetryPolicyBuilder].
 *
 * @property attempts The maximum number of attempts, at least 1; 5 unless set.
 * @property baseDelay The longest delay before the second attempt, which doubles with each further one; half a second
 *   unless set.
 * @property maxDelay The longest delay before any attempt; 30 seconds unless set.
 * @property budget How long after the start of the call a new attempt may begin; 2 minutes unless set.
 */
public data class RetryPolicy(
    val attempts: Int? = null,
    val baseDelay: Duration? = null,
    val maxDelay: Duration? = null,
    val budget: Duration? = null,
)

internal fun RetryPolicy.toSettings() = RetrySettings(
    attempts?.toLong(),
    baseDelay?.inWholeNanoseconds,
    maxDelay?.inWholeNanoseconds,
    budget?.inWholeNanoseconds,
)
