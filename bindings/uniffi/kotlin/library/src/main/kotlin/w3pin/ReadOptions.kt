package w3pin

import w3pin.ffi.ReadSettings

/**
 * The options of reading a file. In Java, use [ReadOptionsBuilder].
 *
 * ```kotlin
 * val header = retriever.read("bafy…/film.mp4", ReadOptions(end = 4096))
 * ```
 *
 * @property start The offset of the first byte to read.
 * @property end The offset to stop before; the end of the file unless set.
 * @property mostBytes The maximum number of bytes to read; a larger file is rejected before any of it is read. 256 MiB
 * unless set
 *   for reads into memory, otherwise unlimited.
 */
public data class ReadOptions(
    val start: Long = 0,
    val end: Long? = null,
    val mostBytes: Long? = null,
)

/** Builds [ReadOptions] in Java. */
public class ReadOptionsBuilder {
    private var options = ReadOptions()

    /** The offset of the first byte to read. */
    public fun start(start: Long): ReadOptionsBuilder = set { copy(start = start) }

    /** The offset to stop before; the end of the file unless set. */
    public fun end(end: Long): ReadOptionsBuilder = set { copy(end = end) }

    /** The maximum number of bytes to read; a larger file is rejected before any of it is read. */
    public fun mostBytes(mostBytes: Long): ReadOptionsBuilder = set { copy(mostBytes = mostBytes) }

    /** The options. */
    public fun build(): ReadOptions = options

    private fun set(change: ReadOptions.() -> ReadOptions) = apply { options = options.change() }
}

internal fun ReadOptions.toSettings() = ReadSettings(start, end, mostBytes)
