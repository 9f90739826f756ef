package w3pin

import java.util.function.Consumer
import w3pin.ffi.FetchFeed
import w3pin.ffi.FetchSettings
import w3pin.ffi.FetchedSymlinks

/**
 * The options of a fetch. In Java, use [FetchOptionsBuilder].
 *
 * ```kotlin
 * retriever.fetch("bafy…", Path("site"), FetchOptions(onProgress = { println("${it.bytes} of ${it.bytesTotal}") }))
 * ```
 *
 * @property overwrite Whether to replace files that have other content.
 * @property concurrency How many responses to read at a time.
 * @property symlinks What to do with symbolic links.
 * @property mostBytes The maximum number of bytes in all files together; 1 TiB unless set.
 * @property mostEntries The maximum number of files, folders and links; 1,000,000 unless set.
 * @property onProgress Called with the progress, at most ten times a second and once at the end. It is called from a
 *   dedicated thread, never concurrently, and may call the retriever; a slow one receives only the latest progress. An
 *   exception that it throws stops the fetch, which rethrows it.
 */
public data class FetchOptions(
    val overwrite: Boolean = false,
    val concurrency: Int = 4,
    val symlinks: SymlinkPolicy = SymlinkPolicy.INSIDE,
    val mostBytes: Long? = null,
    val mostEntries: Long? = null,
    val onProgress: ((FetchProgress) -> Unit)? = null,
)

/** What a fetch does with the symbolic links of a folder. */
public enum class SymlinkPolicy {
    /** Links within the folder are created; one that leads out of it is an error. */
    INSIDE,

    /** All links are created, wherever they lead. */
    ALL,

    /** No links are created. */
    SKIP;

    /** Parses the words that settings use. */
    public companion object {
        /** Parses the [word] that settings use, such as `skip`; throws [PinningException.InvalidInput] for others. */
        @JvmStatic
        public fun of(word: String): SymlinkPolicy =
            when (calling { w3pin.ffi.symlinkPolicyOf(word.text("symlinks")) }) {
                FetchedSymlinks.INSIDE -> INSIDE
                FetchedSymlinks.ALL -> ALL
                FetchedSymlinks.SKIP -> SKIP
            }
    }
}

/** Builds [FetchOptions] in Java. */
public class FetchOptionsBuilder {
    private var options = FetchOptions()

    /** Whether to replace files that have other content. */
    public fun overwrite(overwrite: Boolean): FetchOptionsBuilder = set { copy(overwrite = overwrite) }

    /** How many responses to read at a time. */
    public fun concurrency(concurrency: Int): FetchOptionsBuilder = set { copy(concurrency = concurrency) }

    /** What to do with symbolic links. */
    public fun symlinks(symlinks: SymlinkPolicy): FetchOptionsBuilder = set { copy(symlinks = symlinks) }

    /** The maximum number of bytes in all files together; 1 TiB unless set. */
    public fun mostBytes(mostBytes: Long): FetchOptionsBuilder = set { copy(mostBytes = mostBytes) }

    /** The maximum number of files, folders and links; 1,000,000 unless set. */
    public fun mostEntries(mostEntries: Long): FetchOptionsBuilder = set { copy(mostEntries = mostEntries) }

    /** Called with the progress, at most ten times a second and once at the end. */
    public fun onProgress(onProgress: Consumer<FetchProgress>): FetchOptionsBuilder =
        set { copy(onProgress = onProgress::accept) }

    /** The options. */
    public fun build(): FetchOptions = options

    private fun set(change: FetchOptions.() -> FetchOptions) = apply { options = options.change() }
}

internal fun FetchOptions.toSettings(feed: FetchFeed?) = FetchSettings(
    overwrite,
    concurrency.toLong(),
    when (symlinks) {
        SymlinkPolicy.INSIDE -> FetchedSymlinks.INSIDE
        SymlinkPolicy.ALL -> FetchedSymlinks.ALL
        SymlinkPolicy.SKIP -> FetchedSymlinks.SKIP
    },
    mostBytes,
    mostEntries,
    feed,
)
