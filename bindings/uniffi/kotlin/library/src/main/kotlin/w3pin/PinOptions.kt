package w3pin

import kotlin.time.Duration
import w3pin.ffi.PinByCidSettings
import w3pin.ffi.ProgressListener
import w3pin.ffi.UploadSettings

/**
 * How content is pinned by sending it. From Java, [PinOptionsBuilder] makes one.
 *
 * ```kotlin
 * client.pinFolder(Path("site"), PinOptions(name = "my site", verify = Verify.REQUIRE))
 * ```
 *
 * @property name the name that listings show
 * @property keyvalues pairs to find the pin by
 * @property profile the layout that the service is expected to use, such as `kubo-cidv1-legacy`; the
 *   client's unless set
 * @property verify how much proof is needed that the service pinned what was sent; [Verify.REPORT] unless set
 * @property skipIfPinned answers a pin of this content that the account has already
 * @property progress told how far the upload is, at most ten times a second and once at its end, from any
 *   thread and never from two at once; what it throws stops the call, which then throws it
 * @property timeout how long the whole call may take, with all its tries; not limited unless set
 * @property retry how often the call is tried; the client's unless set
 */
public data class PinOptions(
    val name: String? = null,
    val keyvalues: Map<String, String> = emptyMap(),
    val profile: String? = null,
    val verify: Verify? = null,
    val skipIfPinned: Boolean = false,
    val progress: ((Progress) -> Unit)? = null,
    val timeout: Duration? = null,
    val retry: RetryPolicy? = null,
)

/**
 * How content that is on IPFS already is pinned. From Java, [PinByCidOptionsBuilder] makes one.
 *
 * @property name the name that listings show
 * @property keyvalues pairs to find the pin by
 * @property skipIfPinned answers a pin of this content that the account has already
 * @property timeout how long the whole call may take, with all its tries; the client's unless set
 * @property retry how often the call is tried; the client's unless set
 */
public data class PinByCidOptions(
    val name: String? = null,
    val keyvalues: Map<String, String> = emptyMap(),
    val skipIfPinned: Boolean = false,
    val timeout: Duration? = null,
    val retry: RetryPolicy? = null,
)

/** How much proof is needed that the service pinned what was sent. */
public enum class Verify {
    /** None. */
    OFF,

    /** The pin says what came of the comparison. */
    REPORT,

    /** Anything but a proof is a [PinningException.CidMismatch]. */
    REQUIRE;

    public companion object {
        /** The one that the API calls [word]; throws [PinningException.InvalidInput] where there is none. */
        @JvmStatic
        public fun of(word: String): Verify = wordOf("verify", word)
    }
}

/** What becomes of a folder's symbolic links. */
public enum class Symlinks {
    /** One is an error. */
    REFUSE,

    /** What it leads to is taken in its place. */
    FOLLOW,

    /** It is left out. */
    SKIP,

    /** It stays a link. An upload can't carry one, so this is for [computeCid] and [Client.verify]. */
    PRESERVE;

    public companion object {
        /** The one that the API calls [word]; throws [PinningException.InvalidInput] where there is none. */
        @JvmStatic
        public fun of(word: String): Symlinks = wordOf("symlinks", word)
    }
}

internal fun PinOptions.toSettings(listener: ProgressListener?, hidden: Boolean, symlinks: Symlinks?) =
    UploadSettings(
        name,
        keyvalues,
        profile,
        verify?.word,
        skipIfPinned,
        hidden,
        symlinks?.word,
        listener,
        timeout?.toTime("timeout"),
        retry?.toSettings(),
    )

internal fun PinByCidOptions.toSettings() =
    PinByCidSettings(name, keyvalues, skipIfPinned, timeout?.toTime("timeout"), retry?.toSettings())
