package w3pin

import w3pin.ffi.PageRecord
import w3pin.ffi.ProofRecord
import w3pin.ffi.RootRecord

/**
 * One page of the account's pins.
 *
 * @property pins the pins, in the order asked for
 * @property totals what the service counts over all pages
 */
public data class Page(val pins: List<Pin>, val totals: Totals)

/**
 * Sums over all pages, as far as the service tells them.
 *
 * @property files number of pins
 * @property size bytes that the service accounts for
 */
public data class Totals(val files: Long?, val size: Long?)

/**
 * How far an upload is.
 *
 * @property bytesSent bytes of content that were given to the connection; it never falls
 * @property bytesTotal bytes of content in all, where that is known
 * @property file the file being sent, as the service gets to know it
 */
public data class Progress(val bytesSent: Long, val bytesTotal: Long?, val file: String?)

/**
 * The root of local content.
 *
 * @property cid its CID
 * @property size bytes of content
 * @property dagSize bytes of all blocks
 */
public data class Root(val cid: String, val size: Long, val dagSize: Long)

/**
 * A finished proof, and what it took.
 *
 * @property files files that were compared
 * @property bytes bytes of their content, all of which were compared
 * @property blocksFetched blocks that were fetched
 */
public data class Proof(val files: Long, val bytes: Long, val blocksFetched: Long)

internal fun PageRecord.toPage() =
    Page(pins.map { it.toPin() }, Totals(totalFiles?.toLong(), totalSize?.toLong()))

internal fun RootRecord.toRoot() = Root(cid, size.toLong(), dagSize.toLong())

internal fun ProofRecord.toProof() = Proof(files.toLong(), bytes.toLong(), blocksFetched.toLong())
