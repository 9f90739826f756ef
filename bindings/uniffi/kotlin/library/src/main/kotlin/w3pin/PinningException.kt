package w3pin

import kotlin.time.Duration
import kotlin.time.Duration.Companion.nanoseconds
import w3pin.ffi.ErrorKind
import w3pin.ffi.ErrorRecord

/**
 * Why a call failed. Its message says what is wrong with which input and what to do, and never contains a key.
 *
 * ```kotlin
 * try {
 *     client.pinFile(path)
 * } catch (short: PinningException.InsufficientFunds) {
 *     println("top up the account: ${short.serviceMessage}")
 * }
 * ```
 *
 * @property kind The category of the failure.
 */
public sealed class PinningException(public val kind: Kind, details: ErrorDetails) : Exception(details.message) {
    /** What went wrong, in a sentence. */
    public val reason: String = details.reason

    /** The argument or setting at fault. */
    public val field: String? = details.field

    /** The local file or folder at fault. */
    public val path: String? = details.path

    /** The HTTP status of the response. */
    public val status: Int? = details.status

    /** The service's own message. */
    public val serviceMessage: String? = details.serviceMessage

    /** The beginning of a response that couldn't be understood, at most 1 KiB. */
    public val bodyExcerpt: String? = details.bodyExcerpt

    /** How long to wait, as requested by the service. In Java, use [W3pin.retryAfter]. */
    public val retryAfter: Duration? = details.retryAfter

    /** The CID of the bytes that were sent. */
    public val expectedCid: String? = details.expectedCid

    /** The CID that the service returned. */
    public val returnedCid: String? = details.returnedCid

    /** Whether the same call may succeed if it is tried again later. */
    public val isRetryable: Boolean = details.isRetryable

    /** Whether the service may have created the pin although the call failed. */
    public val isOutcomeUnknown: Boolean = details.isOutcomeUnknown

    /** The category of the failure. */
    public enum class Kind {
        /** An argument, file or setting can't be used. */
        INVALID_INPUT,

        /** The service doesn't accept the credentials. */
        AUTHENTICATION,

        /** The credentials don't permit this. */
        PERMISSION_DENIED,

        /** The service doesn't know the pin. */
        NOT_FOUND,

        /** The account has already pinned this content. */
        ALREADY_PINNED,

        /** The account's balance doesn't cover the pin. */
        INSUFFICIENT_FUNDS,

        /** The service received too many requests. */
        RATE_LIMITED,

        /** The service refused the call or failed. */
        API,

        /** The service's response isn't as documented. */
        DECODE,

        /** A time limit passed. */
        TIMEOUT,

        /** The service couldn't be reached, or the connection broke. */
        TRANSPORT,

        /** A local file or folder couldn't be read or written. */
        LOCAL_IO,

        /** The service couldn't be proved to have pinned what was sent, and proof was required. */
        CID_MISMATCH,
    }

    /** An argument, file or setting can't be used; [field] names it. */
    public class InvalidInput(details: ErrorDetails) : PinningException(Kind.INVALID_INPUT, details)

    /** The service doesn't accept the credentials. */
    public class Authentication(details: ErrorDetails) : PinningException(Kind.AUTHENTICATION, details)

    /** The credentials don't permit this. */
    public class PermissionDenied(details: ErrorDetails) : PinningException(Kind.PERMISSION_DENIED, details)

    /** The service doesn't know the pin. */
    public class NotFound(details: ErrorDetails) : PinningException(Kind.NOT_FOUND, details)

    /** The account has already pinned this content. */
    public class AlreadyPinned(details: ErrorDetails) : PinningException(Kind.ALREADY_PINNED, details)

    /** The account's balance doesn't cover the pin. */
    public class InsufficientFunds(details: ErrorDetails) : PinningException(Kind.INSUFFICIENT_FUNDS, details)

    /** The service received too many requests; [retryAfter] says how long to wait, if the service does. */
    public class RateLimited(details: ErrorDetails) : PinningException(Kind.RATE_LIMITED, details)

    /** The service refused the call or failed. */
    public class Api(details: ErrorDetails) : PinningException(Kind.API, details)

    /** The service's response isn't as documented; [bodyExcerpt] is its beginning. */
    public class Decode(details: ErrorDetails) : PinningException(Kind.DECODE, details)

    /** A time limit passed. */
    public class Timeout(details: ErrorDetails) : PinningException(Kind.TIMEOUT, details)

    /** The service couldn't be reached, or the connection broke. */
    public class Transport(details: ErrorDetails) : PinningException(Kind.TRANSPORT, details)

    /** A local file or folder couldn't be read or written; [path] names it. */
    public class LocalIo(details: ErrorDetails) : PinningException(Kind.LOCAL_IO, details)

    /** The service couldn't be proved to have pinned what was sent, and proof was required. */
    public class CidMismatch(details: ErrorDetails) : PinningException(Kind.CID_MISMATCH, details)
}

/**
 * The fields of a [PinningException], for tests that throw one.
 *
 * @property reason What went wrong, in a sentence.
 * @property message The exception's message.
 * @property field The argument or setting at fault.
 * @property path The local file or folder at fault.
 * @property status The HTTP status of the response.
 * @property serviceMessage The service's own message.
 * @property bodyExcerpt The beginning of a response that couldn't be understood, at most 1 KiB.
 * @property retryAfter How long to wait, as requested by the service.
 * @property expectedCid The CID of the bytes that were sent.
 * @property returnedCid The CID that the service returned.
 * @property isRetryable Whether the same call may succeed if it is tried again later.
 * @property isOutcomeUnknown Whether the service may have created the pin although the call failed.
 */
public data class ErrorDetails(
    val reason: String,
    val message: String = reason,
    val field: String? = null,
    val path: String? = null,
    val status: Int? = null,
    val serviceMessage: String? = null,
    val bodyExcerpt: String? = null,
    val retryAfter: Duration? = null,
    val expectedCid: String? = null,
    val returnedCid: String? = null,
    val isRetryable: Boolean = false,
    val isOutcomeUnknown: Boolean = false,
) {
    /** Only a reason, from Java. */
    public constructor(reason: String) : this(reason, reason)
}

internal fun ErrorRecord.toException(): PinningException {
    val details = ErrorDetails(
        reason,
        text,
        `field`,
        path,
        status?.toInt(),
        serviceMessage,
        bodyExcerpt,
        retryAfter?.nanoseconds,
        expectedCid,
        returnedCid,
        isRetryable,
        isOutcomeUnknown,
    )
    return when (kind) {
        ErrorKind.INVALID_INPUT -> PinningException.InvalidInput(details)
        ErrorKind.AUTHENTICATION -> PinningException.Authentication(details)
        ErrorKind.PERMISSION_DENIED -> PinningException.PermissionDenied(details)
        ErrorKind.NOT_FOUND -> PinningException.NotFound(details)
        ErrorKind.ALREADY_PINNED -> PinningException.AlreadyPinned(details)
        ErrorKind.INSUFFICIENT_FUNDS -> PinningException.InsufficientFunds(details)
        ErrorKind.RATE_LIMITED -> PinningException.RateLimited(details)
        ErrorKind.API -> PinningException.Api(details)
        ErrorKind.DECODE -> PinningException.Decode(details)
        ErrorKind.TIMEOUT -> PinningException.Timeout(details)
        ErrorKind.TRANSPORT -> PinningException.Transport(details)
        ErrorKind.LOCAL_IO -> PinningException.LocalIo(details)
        ErrorKind.CID_MISMATCH -> PinningException.CidMismatch(details)
    }
}

/** What can't even cross. */
internal fun invalidInput(field: String, reason: String) =
    PinningException.InvalidInput(ErrorDetails(reason, field = field))
