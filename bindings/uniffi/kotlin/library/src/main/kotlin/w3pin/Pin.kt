@file:OptIn(ExperimentalSerializationApi::class)

package w3pin

import java.time.Instant
import kotlinx.serialization.EncodeDefault
import kotlinx.serialization.ExperimentalSerializationApi
import kotlinx.serialization.SerialName
import kotlinx.serialization.Serializable
import w3pin.ffi.PinRecord
import w3pin.ffi.VerificationRecord
import w3pin.ffi.VerificationResult

/**
 * Content that the service keeps, or is asked to keep, for the account.
 *
 * It is [Serializable]: its JSON is that of the `w3pin` command and of the other languages.
 *
 * @property id The pin's id.
 * @property cid The CID of the content's root, as the service returned it.
 * @property name The name shown in listings.
 * @property size The size in bytes, as the service accounts for it, which isn't the file's length.
 * @property status The state of the pin: PENDING, RETRIEVAL, DONE, or another value of the service.
 * @property pinned Whether the content is currently pinned.
 * @property isPinByHash Whether the content was pinned by its CID rather than uploaded.
 * @property isDir Whether the content is a folder.
 * @property datePinned When the content was pinned.
 * @property dateUnpinned When the content was unpinned.
 * @property keyvalues The caller's own key-values.
 * @property fileType The type of file that the service detected.
 * @property subHashStatus The state of the blocks below the root.
 * @property fileRecordId The id of the service's record of the content.
 * @property rootHash The service's own hash of the content, which isn't always that of the CID.
 * @property userId The id of the account.
 * @property alreadyPinned Whether the pin existed before the call that returned it.
 * @property verification What the call that returned the pin proved about the content.
 */
@Serializable
public data class Pin @JvmOverloads constructor(
    val id: String,
    val cid: String,
    val name: String? = null,
    val size: Long? = null,
    @EncodeDefault val status: PinStatus = PinStatus.DONE,
    @EncodeDefault val pinned: Boolean = true,
    @EncodeDefault @SerialName("is_pin_by_hash") val isPinByHash: Boolean = false,
    @EncodeDefault @SerialName("is_dir") val isDir: Boolean = false,
    @SerialName("date_pinned") @Serializable(with = DateSerializer::class) val datePinned: Instant? = null,
    @SerialName("date_unpinned") @Serializable(with = DateSerializer::class) val dateUnpinned: Instant? = null,
    @EncodeDefault val keyvalues: Map<String, String> = emptyMap(),
    @SerialName("file_type") val fileType: String? = null,
    @SerialName("sub_hash_status") val subHashStatus: PinStatus? = null,
    @SerialName("file_record_id") val fileRecordId: String? = null,
    @SerialName("root_hash") val rootHash: String? = null,
    @SerialName("user_id") val userId: String? = null,
    @EncodeDefault @SerialName("already_pinned") val alreadyPinned: Boolean = false,
    @EncodeDefault val verification: Verification = Verification(),
) {
    /** The content's IPFS URL, `ipfs://CID`. */
    public val ipfsUrl: String get() = "ipfs://$cid"

    /**
     * The content's URL at a gateway, for a browser.
     *
     * @param gateway the gateway's URL, such as `https://ipfs.io`
     * @throws PinningException.InvalidInput if [gateway] isn't such a URL
     */
    public fun gatewayUrl(gateway: String): String = calling { w3pin.ffi.gatewayUrl(cid, gateway.text("gateway")) }
}

/**
 * What was proved about a pin.
 *
 * @property result The result of comparing the CIDs: verified, mismatch, unproved or unchecked.
 * @property profile The UnixFS profile that proved it.
 * @property computedCid The CID of the bytes that were sent, if it differs from the service's.
 */
@Serializable
public data class Verification @JvmOverloads constructor(
    @EncodeDefault val result: Result = Result.UNCHECKED,
    val profile: Profile? = null,
    @SerialName("computed_cid") val computedCid: String? = null,
) {
    /** The result of comparing the service's CID with that of the bytes sent. */
    @Serializable
    public enum class Result {
        /** The service's CID is that of the bytes sent. */
        @SerialName("verified")
        VERIFIED,

        /** The service's CID is certainly different content. */
        @SerialName("mismatch")
        MISMATCH,

        /** No known profile gives the service's CID; [verify] proves or refutes it from the blocks. */
        @SerialName("unproved")
        UNPROVED,

        /** Nothing was compared. */
        @SerialName("unchecked")
        UNCHECKED,
    }
}

internal fun PinRecord.toPin() = Pin(
    id,
    cid,
    name,
    size?.clamped(),
    PinStatus(status),
    pinned,
    isPinByHash,
    isDir,
    datePinned,
    dateUnpinned,
    keyvalues,
    fileType,
    subHashStatus?.let(::PinStatus),
    fileRecordId,
    rootHash,
    userId,
    alreadyPinned,
    verification.toVerification(),
)

private fun VerificationRecord.toVerification() = Verification(
    when (result) {
        VerificationResult.VERIFIED -> Verification.Result.VERIFIED
        VerificationResult.MISMATCH -> Verification.Result.MISMATCH
        VerificationResult.UNPROVED -> Verification.Result.UNPROVED
        VerificationResult.UNCHECKED -> Verification.Result.UNCHECKED
    },
    profile?.let(::Profile),
    computedCid,
)
