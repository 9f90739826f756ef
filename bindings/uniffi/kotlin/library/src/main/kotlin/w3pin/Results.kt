package w3pin

import w3pin.ffi.PackedCarRecord
import w3pin.ffi.PreviewRecord
import w3pin.ffi.ProofRecord
import w3pin.ffi.RootRecord
import w3pin.ffi.TransferProgress

/**
 * The progress of an upload or a batch.
 *
 * @property bytesSent The bytes of content sent so far; never decreases.
 * @property bytesTotal The total bytes of content, if known.
 * @property file The file being sent.
 * @property itemsDone The items of a batch that have completed or failed.
 * @property itemsTotal The number of items in a batch; 1 for a single upload.
 */
public data class Progress(
    val bytesSent: Long,
    val bytesTotal: Long?,
    val file: String?,
    val itemsDone: Long,
    val itemsTotal: Long,
)

/**
 * The root of content.
 *
 * @property cid The CID of the root.
 * @property size The bytes of content.
 * @property dagSize The bytes of all blocks; a block that is linked twice counts twice.
 */
public data class Root(val cid: String, val size: Long, val dagSize: Long)

/**
 * A packed CAR file.
 *
 * @property cid The CID of the root.
 * @property blocks The number of distinct blocks.
 * @property bytes The size of the CAR in bytes.
 */
public data class PackedCar(val cid: String, val blocks: Long, val bytes: Long)

/**
 * The result of a proof.
 *
 * @property files The number of files compared.
 * @property bytes The bytes of content compared, each covered by a verified digest.
 * @property blocksFetched The number of blocks fetched.
 */
public data class Proof(val files: Long, val bytes: Long, val blocksFetched: Long)

/**
 * What an upload would send.
 *
 * @property cid The CID of the root.
 * @property size The bytes of content.
 * @property files The files, in the order in which they are sent.
 */
public data class UploadPreview(val cid: String, val size: Long, val files: List<PreviewedFile>)

/**
 * A file that would be sent.
 *
 * @property name The name sent to the service.
 * @property size The bytes of content.
 */
public data class PreviewedFile(val name: String, val size: Long)

internal fun TransferProgress.toProgress() =
    Progress(bytesSent.clamped(), bytesTotal?.clamped(), file, itemsDone.clamped(), itemsTotal.clamped())

internal fun RootRecord.toRoot() = Root(cid, size.clamped(), dagSize.clamped())

internal fun PackedCarRecord.toPackedCar() = PackedCar(cid, blocks.clamped(), bytes.clamped())

internal fun ProofRecord.toProof() = Proof(files.clamped(), bytes.clamped(), blocksFetched.clamped())

internal fun PreviewRecord.toPreview() =
    UploadPreview(cid, size.clamped(), files.map { PreviewedFile(it.name, it.size.clamped()) })
