package w3pin

import kotlin.time.Duration
import kotlin.time.toKotlinDuration
import w3pin.ffi.ErrorDetails

/**
 * Why a call failed. Its message says what was wrong with which input and what can be done, and never
 * holds a key.
 *
 * ```kotlin
 * try {
 *     client.pinFile(path)
 * } catch (full: PinningException.InsufficientFunds) {
 *     println("top up the account: ${full.serviceMessage}")
 * }
 * ```
 *
 * @property kind the kind's name in every language, such as `rate_limited`
 * @property reason what was wrong, and what to do
 * @property field the argument or setting it is about
 * @property path the file or folder it is about
 * @property status the HTTP status
 * @property serviceMessage what the service said
 * @property bodyExcerpt the beginning of an answer that couldn't be read
 * @property retryAfter how long the service asks to wait
 * @property expectedCid the CID that the content has
 * @property returnedCid the CID that the service gave
 * @property isRetryable whether the same call may succeed later
 */
public sealed class PinningException private constructor(details: ErrorDetails) : Exception(details.text) {
    public val kind: String = details.kind
    public val reason: String = details.reason
    public val field: String? = details.field
    public val path: String? = details.path
    public val status: Int? = details.status?.toInt()
    public val serviceMessage: String? = details.serviceMessage
    public val bodyExcerpt: String? = details.bodyExcerpt
    public val retryAfter: Duration? = details.retryAfter?.toKotlinDuration()
    public val expectedCid: String? = details.expectedCid
    public val returnedCid: String? = details.returnedCid
    public val isRetryable: Boolean = details.isRetryable

    /** What was given can't be used; [field] names it, and nothing was sent. */
    public class InvalidInput internal constructor(details: ErrorDetails) : PinningException(details)

    /** The service doesn't know the keys. */
    public class Authentication internal constructor(details: ErrorDetails) : PinningException(details)

    /** The keys are good, but not for this. */
    public class PermissionDenied internal constructor(details: ErrorDetails) : PinningException(details)

    /** There is no such pin. */
    public class NotFound internal constructor(details: ErrorDetails) : PinningException(details)

    /** The account has this content already. */
    public class AlreadyPinned internal constructor(details: ErrorDetails) : PinningException(details)

    /** The account's balance doesn't suffice. */
    public class InsufficientFunds internal constructor(details: ErrorDetails) : PinningException(details)

    /** Too many requests in too short a time; [retryAfter] says how long to wait, where the service does. */
    public class RateLimited internal constructor(details: ErrorDetails) : PinningException(details)

    /** The service refused the call in another way, or failed. */
    public class Api internal constructor(details: ErrorDetails) : PinningException(details)

    /** The answer can't be read; [bodyExcerpt] is how it begins. */
    public class Decode internal constructor(details: ErrorDetails) : PinningException(details)

    /** The call took too long. */
    public class Timeout internal constructor(details: ErrorDetails) : PinningException(details)

    /** The service wasn't reached, or the connection broke. */
    public class Transport internal constructor(details: ErrorDetails) : PinningException(details)

    /** A local file or folder couldn't be read; [path] names it. */
    public class LocalIo internal constructor(details: ErrorDetails) : PinningException(details)

    /** What was pinned isn't what was sent, or isn't proved to be. */
    public class CidMismatch internal constructor(details: ErrorDetails) : PinningException(details)
}

internal fun ErrorDetails.toException(): PinningException = when (kind) {
    "invalid_input" -> PinningException.InvalidInput(this)
    "authentication" -> PinningException.Authentication(this)
    "permission_denied" -> PinningException.PermissionDenied(this)
    "not_found" -> PinningException.NotFound(this)
    "already_pinned" -> PinningException.AlreadyPinned(this)
    "insufficient_funds" -> PinningException.InsufficientFunds(this)
    "rate_limited" -> PinningException.RateLimited(this)
    "decode" -> PinningException.Decode(this)
    "timeout" -> PinningException.Timeout(this)
    "transport" -> PinningException.Transport(this)
    "local_io" -> PinningException.LocalIo(this)
    "cid_mismatch" -> PinningException.CidMismatch(this)
    else -> PinningException.Api(this)
}

/** What can't be used, seen before the engine is asked. */
internal fun invalidInput(field: String, reason: String) = PinningException.InvalidInput(
    ErrorDetails("invalid_input", reason, reason, field, null, null, null, null, null, null, null, false),
)
