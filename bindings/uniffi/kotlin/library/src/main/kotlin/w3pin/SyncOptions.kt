package w3pin

import java.util.function.Consumer
import kotlin.time.Duration
import kotlin.time.toKotlinDuration
import w3pin.ffi.ProgressFeed
import w3pin.ffi.SyncSettings

/**
 * The options of keeping a folder pinned under a name. In Java, use [SyncOptionsBuilder].
 *
 * ```kotlin
 * client.syncFolder(Path("site"), "example.org", SyncOptions(keep = 5))
 * ```
 *
 * @property keep How many deploys to keep, including the newest; at least 1.
 * @property keyvalues Key-values of the pin, in addition to those that mark it as a deploy.
 * @property profile The UnixFS profile that the service is expected to use; the client's unless set.
 * @property checkGateways The gateways that must serve the root and random blocks before anything is removed.
 * @property dryRun Whether to send and remove nothing, and only report what would be.
 * @property deadline How long to wait for the pin, and then for each gateway; 10 minutes unless set.
 * @property progress Called with the progress, at most ten times a second and once at the end. It is called from a
 *   dedicated thread, never concurrently, and may call the client; a slow one receives only the latest progress. An exception that it throws stops the call.
 * @property timeout The time limit of the whole call, retries included; none unless set.
 * @property retry The retry policy of the upload; the client's unless set.
 */
public data class SyncOptions(
    val keep: Int = 3,
    val keyvalues: Map<String, String> = emptyMap(),
    val profile: Profile? = null,
    val checkGateways: List<String> = emptyList(),
    val dryRun: Boolean = false,
    val deadline: Duration? = null,
    val progress: ((Progress) -> Unit)? = null,
    val timeout: Duration? = null,
    val retry: RetryPolicy? = null,
)

/** Builds [SyncOptions] in Java. */
public class SyncOptionsBuilder {
    private var options = SyncOptions()

    /** How many deploys to keep, including the newest; at least 1. */
    public fun keep(keep: Int): SyncOptionsBuilder = set { copy(keep = keep) }

    /** Key-values of the pin, in addition to those that mark it as a deploy. */
    public fun keyvalues(keyvalues: Map<String, String>): SyncOptionsBuilder = set { copy(keyvalues = keyvalues) }

    /** The UnixFS profile that the service is expected to use; the client's unless set. */
    public fun profile(profile: Profile): SyncOptionsBuilder = set { copy(profile = profile) }

    /** The gateways that must serve the root and random blocks before anything is removed. */
    public fun checkGateways(checkGateways: List<String>): SyncOptionsBuilder =
        set { copy(checkGateways = checkGateways) }

    /** Whether to send and remove nothing, and only report what would be. */
    public fun dryRun(dryRun: Boolean): SyncOptionsBuilder = set { copy(dryRun = dryRun) }

    /** How long to wait for the pin, and then for each gateway; 10 minutes unless set. */
    public fun deadline(deadline: java.time.Duration): SyncOptionsBuilder =
        set { copy(deadline = deadline.toKotlinDuration()) }

    /** Called with the progress, at most ten times a second and once at the end. */
    public fun progress(progress: Consumer<Progress>): SyncOptionsBuilder = set { copy(progress = progress::accept) }

    /** The time limit of the whole call, retries included; none unless set. */
    public fun timeout(timeout: java.time.Duration): SyncOptionsBuilder =
        set { copy(timeout = timeout.toKotlinDuration()) }

    /** The retry policy of the upload; the client's unless set. */
    public fun retry(retry: RetryPolicy): SyncOptionsBuilder = set { copy(retry = retry) }

    /** The options. */
    public fun build(): SyncOptions = options

    private fun set(change: SyncOptions.() -> SyncOptions) = apply { options = options.change() }
}

internal fun SyncOptions.toSettings(walk: WalkOptions, feed: ProgressFeed?) = SyncSettings(
    keep.toLong(),
    keyvalues.texts("keyvalues"),
    profile?.name?.text("profile"),
    checkGateways.texts("check_gateways"),
    dryRun,
    deadline?.inWholeNanoseconds,
    feed,
    timeout?.inWholeNanoseconds,
    retry?.toSettings(),
    walk.toSettings(),
)
