package w3pin

/**
 * The result of a call in a batch: a [value] or an [error].
 *
 * @property value The value, if the call succeeded.
 * @property error The error, if the call failed.
 */
public class Outcome<out T : Any> private constructor(
    public val value: T?,
    public val error: PinningException?,
) {
    /** Whether the call succeeded. */
    public val isSuccess: Boolean get() = error == null

    /** Returns the value, or throws the error. */
    public fun getOrThrow(): T = value ?: throw checkNotNull(error)

    /** Compares value and error. */
    override fun equals(other: Any?): Boolean = other is Outcome<*> && value == other.value && error == other.error

    /** Consistent with [equals]. */
    override fun hashCode(): Int = 31 * value.hashCode() + error.hashCode()

    /** Shows the value or the error. */
    override fun toString(): String = "Outcome(${value ?: error})"

    /** Creates outcomes. */
    public companion object {
        /** Returns the outcome of a call that returned [value]. */
        @JvmStatic
        public fun <T : Any> success(value: T): Outcome<T> = Outcome(value, null)

        /** Returns the outcome of a failed call. */
        @JvmStatic
        public fun <T : Any> failure(error: PinningException): Outcome<T> = Outcome(null, error)
    }
}

/**
 * A completed call of a batch.
 *
 * @property index The index of the item, counted from 0.
 * @property outcome The result.
 */
public data class Completed<out T : Any>(val index: Int, val outcome: Outcome<T>)

internal fun w3pin.ffi.Outcome.toPin(): Outcome<Pin> =
    error?.let { Outcome.failure(it.toException()) } ?: Outcome.success(checkNotNull(pin).toPin())

/** What became of unpinning [id]. */
internal fun w3pin.ffi.Outcome.toId(id: String): Outcome<String> =
    error?.let { Outcome.failure(it.toException()) } ?: Outcome.success(id)
