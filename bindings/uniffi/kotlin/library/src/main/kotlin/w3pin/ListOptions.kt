package w3pin

import w3pin.ffi.ListSettings

/**
 * Which of the account's pins to list, and in which order. From Java, [ListOptionsBuilder] makes one.
 *
 * @property offset How many pins to pass over.
 * @property limit The most pins that a page holds, at least 1: 10 unless set, or 100 where all pages are read.
 * @property pinned Which pins to list.
 * @property sortBy What to sort by.
 * @property sortOrder Which way to sort.
 * @property keyvalues Only pins that have all of these key-values.
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
