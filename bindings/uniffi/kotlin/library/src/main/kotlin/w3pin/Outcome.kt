package w3pin

/**
 * What became of one of many: a [value], or an [error].
 *
 * @property value what the call gives, where it succeeded
 * @property error why it failed, where it did
 */
public class Outcome<out T> private constructor(
    public val value: T?,
    public val error: PinningException?,
) {
    /** The value; throws the error where there is one. */
    public fun getOrThrow(): T {
        error?.let { throw it }
        @Suppress("UNCHECKED_CAST")
        return value as T
    }

    override fun toString(): String = "Outcome(${error ?: value})"

    internal companion object {
        fun pin(raw: w3pin.ffi.Outcome): Outcome<Pin> = Outcome(raw.pin?.toPin(), raw.error?.toException())

        fun unit(raw: w3pin.ffi.Outcome): Outcome<Unit> =
            Outcome(if (raw.error == null) Unit else null, raw.error?.toException())
    }
}

/** How many of many are under way at any moment. */
internal fun Int.atOnce(): UInt =
    if (this < 1) throw invalidInput("concurrency", "one call at least must be under way") else toUInt()
