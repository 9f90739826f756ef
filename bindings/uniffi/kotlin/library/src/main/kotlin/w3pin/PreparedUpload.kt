package w3pin

import java.nio.file.Path
import kotlinx.serialization.KSerializer
import kotlinx.serialization.Serializable
import w3pin.ffi.PreparedRecord

/**
 * An upload that another HTTP stack sends. Send [body] with [method], [url] and [headers], pass the response to
 * [Client.finishUpload], and delete the file.
 *
 * It can be stored until the response arrives, even in another run of the app: with [toJson] and [fromJson], or as it
 * is [Serializable]. The account's keys aren't stored, so a restored upload lacks them in its [headers].
 *
 * @property method The HTTP method, POST.
 * @property url The URL to send it to.
 * @property headers The headers to send, which include the account's keys.
 * @property body The path of the file to send as the body.
 * @property contentLength The length of the body in bytes.
 * @property cid The CID that the service is expected to return.
 */
@Serializable(with = PreparedUpload.Serializer::class)
public class PreparedUpload private constructor(
    public val method: String,
    public val url: String,
    public val headers: Map<String, String>,
    public val body: Path,
    public val contentLength: Long,
    public val cid: String,
    internal val kept: String,
) {
    internal constructor(record: PreparedRecord) : this(
        record.method,
        record.url,
        record.headers,
        Path.of(record.body),
        record.contentLength.clamped(),
        record.cid,
        record.kept,
    )

    /** Returns everything except the account's keys, to store until the response arrives. */
    public fun toJson(): String = kept

    /** Omits the headers, which include the account's keys. */
    override fun toString(): String = "PreparedUpload($method $url, $contentLength bytes in $body, $cid)"

    /** Restores prepared uploads. */
    public companion object {
        /**
         * Restores the upload from the result of [toJson]; throws [PinningException.InvalidInput] for anything else.
         */
        @JvmStatic
        public fun fromJson(json: String): PreparedUpload =
            PreparedUpload(calling { w3pin.ffi.keptUpload(json.text("upload")) })
    }

    internal object Serializer :
        KSerializer<PreparedUpload> by textSerializer("w3pin.PreparedUpload", ::fromJson, PreparedUpload::toJson)
}
