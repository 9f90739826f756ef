package w3pin

import kotlin.time.Duration
import kotlin.time.toJavaDuration
import w3pin.ffi.ForeignFailure
import w3pin.ffi.PinByCidSettings
import w3pin.ffi.ProgressListener
import w3pin.ffi.RetrySettings
import w3pin.ffi.TransferProgress
import w3pin.ffi.UploadSettings

/** How stubborn calls are. What isn't given is as by default. */
public data class RetryPolicy(
    val attempts: Int? = null,
    val baseDelay: Duration? = null,
    val maxDelay: Duration? = null,
    val budget: Duration? = null,
)

/** How far an upload is, in bytes of content. */
public data class Progress(val bytesSent: Long, val bytesTotal: Long?, val file: String?)

/** How a pin is checked against what was sent. */
public enum class Verify { OFF, REPORT, REQUIRE }

/** What becomes of symbolic links. An upload can't [PRESERVE] them. */
public enum class Symlinks { REFUSE, FOLLOW, SKIP, PRESERVE }

/** How content is uploaded. */
public data class PinOptions(
    val name: String? = null,
    val keyvalues: Map<String, String> = emptyMap(),
    val profile: String? = null,
    val verify: Verify = Verify.REPORT,
    val skipIfPinned: Boolean = false,
    val hidden: Boolean = false,
    val symlinks: Symlinks = Symlinks.REFUSE,
    /** Called from any thread, at most ten times a second and once at the end. What it throws is ignored. */
    val progress: ((Progress) -> Unit)? = null,
    val timeout: Duration? = null,
    val retry: RetryPolicy? = null,
)

/** How a CID is pinned. */
public data class PinByCidOptions(
    val name: String? = null,
    val keyvalues: Map<String, String> = emptyMap(),
    val skipIfPinned: Boolean = false,
    val timeout: Duration? = null,
    val retry: RetryPolicy? = null,
)

internal fun RetryPolicy.toSettings(): RetrySettings = RetrySettings(
    attempts?.toUInt(), baseDelay?.toJavaDuration(), maxDelay?.toJavaDuration(), budget?.toJavaDuration(),
)

internal fun PinOptions.toSettings(): UploadSettings = UploadSettings(
    name, keyvalues, profile, verify.name.lowercase(), skipIfPinned, hidden, symlinks.name.lowercase(),
    progress?.let(::Listener), timeout?.toJavaDuration(), retry?.toSettings(),
)

internal fun PinByCidOptions.toSettings(): PinByCidSettings = PinByCidSettings(
    name, keyvalues, skipIfPinned, timeout?.toJavaDuration(), retry?.toSettings(),
)

private class Listener(private val tell: (Progress) -> Unit) : ProgressListener {
    override fun onProgress(progress: TransferProgress) = try {
        tell(Progress(progress.bytesSent.toLong(), progress.bytesTotal?.toLong(), progress.file))
    } catch (thrown: Exception) {
        throw ForeignFailure.Thrown(thrown.toString())
    }
}
