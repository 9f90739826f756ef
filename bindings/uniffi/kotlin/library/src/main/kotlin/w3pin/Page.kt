package w3pin

import w3pin.ffi.PageRecord
import w3pin.ffi.UnreadableRecord

/**
 * One page of the account's pins.
 *
 * @property pins The pins, in the requested order.
 * @property totals Totals over all pages.
 * @property unreadable Entries that can't be read as pins.
 */
public data class Page @JvmOverloads constructor(
    val pins: List<Pin>,
    val totals: Totals = Totals(),
    val unreadable: List<UnreadablePin> = emptyList(),
)

/**
 * Totals over all pages, as far as the service returns them.
 *
 * @property files The number of pins.
 * @property size The size in bytes, as the service accounts for it.
 */
public data class Totals @JvmOverloads constructor(val files: Long? = null, val size: Long? = null)

/**
 * An entry of a listing that can't be read as a pin.
 *
 * @property position Its position in the listing, counted from 0.
 * @property id Its id, if it can be read.
 * @property reason Why it can't be read.
 */
public data class UnreadablePin(val position: Long, val id: String?, val reason: String)

internal fun PageRecord.toPage() = Page(
    pins.map { it.toPin() },
    Totals(totalFiles?.clamped(), totalSize?.clamped()),
    unreadable.map { it.toUnreadable() },
)

internal fun UnreadableRecord.toUnreadable() = UnreadablePin(position.clamped(), id, reason)

/** A number that a service may have made larger than any. */
internal fun ULong.clamped(): Long = coerceAtMost(Long.MAX_VALUE.toULong()).toLong()
