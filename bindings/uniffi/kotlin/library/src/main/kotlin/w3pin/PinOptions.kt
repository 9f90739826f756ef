package w3pin

import kotlin.time.Duration
import w3pin.ffi.ProgressFeed
import w3pin.ffi.UploadSettings

/**
 * How content is pinned by sending it. From Java, [PinOptionsBuilder] makes one.
 *
 * ```kotlin
 * client.pinFolder(Path("site"), PinOptions(name = "my site", verify = Verify.REQUIRE))
 * ```
 *
 * @property name The name that listings show; the service uses the file's own unless set.
 * @property keyvalues Key-values to find the pin by; both are texts.
 * @property profile The UnixFS profile by which the service is expected to import files; the client's unless set.
 * @property verify How much proof is required that the service pinned what was sent.
 * @property skipIfPinned Whether content that the account has pinned already is left as it is, and nothing is sent.
 * @property markAttempt Whether the pin gets a key-value, `w3pin.attempt`, by which it is recognised if the response
 *   is lost.
 * @property progress Called with the progress, at most ten times a second and once at the end. It is called from a
 *   thread that waits for it alone, never from two at once, and may call the client; a slow one misses all but the
 *   newest progress. What it throws stops the call, which then throws it.
 * @property timeout The time that the whole call may take, with all its attempts; no limit unless set.
 * @property retry How often the call is tried; the client's policy unless set.
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
 * How an upload is prepared that another HTTP stack sends. From Java, [PrepareOptionsBuilder] makes one.
 *
 * @property name The name that listings show; the service uses the file's own unless set.
 * @property keyvalues Key-values to find the pin by; both are texts.
 * @property profile The UnixFS profile by which the service is expected to import files; the client's unless set.
 * @property verify How much proof is required that the service pinned what was sent.
 * @property markAttempt Whether the pin gets a key-value, `w3pin.attempt`, by which it is recognised if the response
 *   is lost.
 */
public data class PrepareOptions(
    val name: String? = null,
    val keyvalues: Map<String, String> = emptyMap(),
    val profile: Profile? = null,
    val verify: Verify = Verify.REPORT,
    val markAttempt: Boolean = true,
)

/**
 * How a lone file is sent.
 *
 * @property fileName What a lone file is called at the service; its own name unless set.
 * @property contentType The media type that the service is told of a lone file, such as `image/png`.
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
