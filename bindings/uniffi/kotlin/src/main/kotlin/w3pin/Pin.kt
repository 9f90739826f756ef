package w3pin

import java.time.Instant
import w3pin.ffi.PageRecord
import w3pin.ffi.PinRecord
import w3pin.ffi.ProofRecord
import w3pin.ffi.RootRecord
import w3pin.ffi.VerificationRecord

/** One entry of the account. */
public data class Pin(
    /** The service's name for it. */
    val id: String,
    /** The content's root. */
    val cid: String,
    /** The name it was given. */
    val name: String?,
    /** The size in bytes, once known. */
    val size: Long?,
    /** The service's word for how far it is. */
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
    /** Whether the account had it before the call. */
    val alreadyPinned: Boolean,
    /** What is proved of it. */
    val verification: Verification,
)

/** What is proved of a pin: [result] is `unchecked`, `verified`, `mismatch` or `unproved`. */
public data class Verification(val result: String, val profile: String?, val computedCid: String?)

/** How much the account has, where the service says. */
public data class Totals(val files: Long?, val size: Long?)

/** One page of the account's pins. */
public data class Page(val pins: List<Pin>, val totals: Totals)

/** The root of a DAG that was computed here; sizes in bytes. */
public data class Root(val cid: String, val size: Long, val dagSize: Long)

/** That a DAG is the content it was compared with. */
public data class Proof(val files: Long, val bytes: Long, val blocksFetched: Long)

internal fun PinRecord.toPin(): Pin = Pin(
    id, cid, name, size?.toLong(), status, pinned, isPinByHash, isDir, datePinned, dateUnpinned,
    keyvalues, fileType, subHashStatus, fileRecordId, rootHash, userId, alreadyPinned,
    verification.toVerification(),
)

internal fun VerificationRecord.toVerification(): Verification = Verification(result, profile, computedCid)

internal fun PageRecord.toPage(): Page =
    Page(pins.map { it.toPin() }, Totals(totalFiles?.toLong(), totalSize?.toLong()))

internal fun RootRecord.toRoot(): Root = Root(cid, size.toLong(), dagSize.toLong())

internal fun ProofRecord.toProof(): Proof = Proof(files.toLong(), bytes.toLong(), blocksFetched.toLong())
