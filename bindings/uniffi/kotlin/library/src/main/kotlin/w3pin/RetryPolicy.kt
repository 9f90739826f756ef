package w3pin

import kotlin.time.Duration
import kotlin.time.toJavaDuration
import w3pin.ffi.RetrySettings

/**
 * How often calls are tried that fail for a passing reason. Waits are random, double with every try, and
 * are as long as the service asks. From Java, [RetryPolicyBuilder] makes one.
 *
 * @property attempts tries in all, the first one included; 5 unless set
 * @property baseDelay the longest wait before the second try; 500 ms unless set
 * @property maxDelay the longest wait before any try; 30 s unless set
 * @property budget no try begins later than this after the call began; 120 s unless set
 */
public data class RetryPolicy(
    val attempts: Int? = null,
    val baseDelay: Duration? = null,
    val maxDelay: Duration? = null,
    val budget: Duration? = null,
)

internal fun RetryPolicy.toSettings() = RetrySettings(
    attempts?.toCount("attempts"),
    baseDelay?.toTime("base_delay"),
    maxDelay?.toTime("max_delay"),
    budget?.toTime("budget"),
)

/** A number that may not be negative. */
internal fun Int.toCount(field: String): UInt = if (this < 0) throw negative(field, this) else toUInt()

/** A number that may not be negative. */
internal fun Long.toCount(field: String): ULong = if (this < 0) throw negative(field, this) else toULong()

/** A time that may not be negative. */
internal fun Duration.toTime(field: String): java.time.Duration =
    if (isNegative()) throw negative(field, this) else toJavaDuration()

private fun negative(field: String, value: Any) =
    invalidInput(field, "$field can't be negative, and it is $value")
