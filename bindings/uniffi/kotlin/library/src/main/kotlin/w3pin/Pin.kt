package w3pin

import java.time.Instant
import w3pin.ffi.PinRecord
import w3pin.ffi.VerificationRecord

/**
 * Content that the service keeps, or is asked to keep, for the account.
 *
 * @property id what [Client.getPin] and [Client.unpin] take
 * @property cid the root of the content, in the form the service writes it
 * @property name the name that listings show
 * @property size bytes that the service accounts for; this isn't the file's length
 * @property status how far the service is: `PENDING`, `RETRIEVAL`, `DONE`, or as it came
 * @property pinned whether the content is pinned now
 * @property isPinByHash whether it was pinned by its CID rather than uploaded
 * @property isDir whether it is a folder
 * @property datePinned when it was pinned
 * @property dateUnpinned when it was unpinned
 * @property keyvalues the caller's own pairs
 * @property fileType what kind of file the service takes it for
 * @property subHashStatus how far the service is with the blocks below the root
 * @property fileRecordId the service's record of the content
 * @property rootHash the service's own hash of the content, which isn't reliably the CID's
 * @property userId the account
 * @property alreadyPinned whether this pin was there before the call that returned it
 * @property verification what was proved of the content by the call that returned it
 */
public data class Pin(
    val id: String,
    val cid: String,
    val name: String?,
    val size: Long?,
    val status: String,
    val pinned: Boolean,
    val isPinByHash: Boolean,
    val isDir: Boolean,
    val datePinned: Instant?,
    val dateUnpinned: Instant?,
    val keyvalues: Map<String, String>,
    val fileType: String?,
    val subHashStatus: String?,
    val fileRecordId: String?,
    val rootHash: String?,
    val userId: String?,
    val alreadyPinned: Boolean,
    val verification: Verification,
)

/**
 * What is proved of a pin.
 *
 * @property result `verified`: the service's CID is that of the bytes sent. `mismatch`: it certainly
 *   isn't. `unproved`: no known profile gives it; [Client.verify] proves or refutes it. `unchecked`:
 *   nothing was compared.
 * @property profile the profile that proved it
 * @property computedCid the CID of the bytes sent, where it isn't the service's
 */
public data class Verification(
    val result: String,
    val profile: String?,
    val computedCid: String?,
)

internal fun PinRecord.toPin() = Pin(
    id,
    cid,
    name,
    size?.toLong(),
    status,
    pinned,
    isPinByHash,
    isDir,
    datePinned,
    dateUnpinned,
    keyvalues,
    fileType,
    subHashStatus,
    fileRecordId,
    rootHash,
    userId,
    alreadyPinned,
    verification.toVerification(),
)

private fun VerificationRecord.toVerification() = Verification(result, profile, computedCid)
