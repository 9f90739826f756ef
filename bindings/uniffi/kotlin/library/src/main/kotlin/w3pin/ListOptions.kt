package w3pin

import w3pin.ffi.ListSettings

/**
 * Which of the account's pins to list, and in which order. In Java, use [ListOptionsBuilder].
 *
 * @property offset How many pins to skip.
 * @property limit The maximum number of pins in a page, at least 1: 10 unless set, or 100 when all pages are read.
 * @property pinned Which pins to list.
 * @property sortBy The field to sort by.
 * @property sortOrder The direction to sort in.
 * @property keyvalues List only pins that have all of these key-values.
 */
public data class ListOptions(
    val offset: Long = 0,
    val limit: Int? = null,
    val pinned: Pinned = Pinned.ALL,
    val sortBy: SortBy = SortBy.CREATED_AT,
    val sortOrder: SortOrder = SortOrder.DESC,
    val keyvalues: Map<String, String> = emptyMap(),
)

internal fun ListOptions.toSettings() = ListSettings(
    offset,
    limit?.toLong(),
    pinned.native(),
    sortBy.native(),
    sortOrder.native(),
    keyvalues.texts("keyvalues"),
)
