package w3pin

import kotlin.time.Duration
import w3pin.ffi.ProgressFeed
import w3pin.ffi.UploadSettings

/**
 * The options of an upload. In Java, use [PinOptionsBuilder].
 *
 * ```kotlin
 * client.pinFolder(Path("site"), PinOptions(name = "my site", verify = Verify.REQUIRE))
 * ```
 *
 * @property name The name shown in listings; the service uses the file's own unless set.
 * @property keyvalues Key-values to find the pin by; keys and values are strings.
 * @property profile The UnixFS profile that the service is expected to use; the client's unless set.
 * @property verify How much proof to require that the service pinned what was sent.
 * @property skipIfPinned Whether to send nothing and return the existing pin if the account has already pinned the
 * content.
 * @property markAttempt Whether to mark the pin with the key-value `w3pin.attempt`, by which it is found again if the
 *   response is lost.
 * @property progress Called with the progress, at most ten times a second and once at the end. It is called from a
 *   dedicated thread, never concurrently, and may call the client; a slow one receives only the latest progress. An exception that it throws stops the call.
 * @property timeout The time limit of the whole call, retries included; none unless set.
 * @property retry The retry policy of this call; the client's unless set.
 */
public data class PinOptions(
    val name: String? = null,
    val keyvalues: Map<String, String> = emptyMap(),
    val profile: Profile? = null,
    val verify: Verify = Verify.REPORT,
    val skipIfPinned: Boolean = false,
    val markAttempt: Boolean = true,
    val progress: ((Progress) -> Unit)? = null,
    val timeout: Duration? = null,
    val retry: RetryPolicy? = null,
)

/**
 * The options of an upload that another HTTP stack sends. In Java, use [PrepareOptionsBuilder].
 *
 * @property name The name shown in listings; the service uses the file's own unless set.
 * @property keyvalues Key-values to find the pin by; keys and values are strings.
 * @property profile The UnixFS profile that the service is expected to use; the client's unless set.
 * @property verify How much proof to require that the service pinned what was sent.
 * @property markAttempt Whether to mark the pin with the key-value `w3pin.attempt`, by which it is found again if the
 *   response is lost.
 */
public data class PrepareOptions(
    val name: String? = null,
    val keyvalues: Map<String, String> = emptyMap(),
    val profile: Profile? = null,
    val verify: Verify = Verify.REPORT,
    val markAttempt: Boolean = true,
)

/**
 * How a single file is sent.
 *
 * @property fileName The file name sent to the service, for a single file; its own unless set.
 * @property contentType The media type sent to the service, for a single file, such as `image/png`.
 */
public data class FileOptions @JvmOverloads constructor(
    val fileName: String? = null,
    val contentType: String? = null,
)

internal fun PinOptions.toSettings(file: FileOptions, walk: WalkOptions, feed: ProgressFeed?) = UploadSettings(
    name?.text("name"),
    keyvalues.texts("keyvalues"),
    profile?.name?.text("profile"),
    verify.native(),
    skipIfPinned,
    markAttempt,
    feed,
    timeout?.inWholeNanoseconds,
    retry?.toSettings(),
    file.fileName?.text("file_name"),
    file.contentType?.text("content_type"),
    walk.toSettings(),
)

internal fun PrepareOptions.toSettings(file: FileOptions, walk: WalkOptions) =
    PinOptions(name, keyvalues, profile, verify, markAttempt = markAttempt).toSettings(file, walk, null)
