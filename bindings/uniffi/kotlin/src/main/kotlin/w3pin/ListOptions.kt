package w3pin

import w3pin.ffi.ListSettings

/**
 * Which of the account's pins, and in which order.
 *
 * @property offset how many are passed over; none unless set
 * @property limit how many a page holds at most, 1 to 1000; 10 unless set
 * @property pinned which of them; [Pinned.ALL] unless set
 * @property sortBy what to sort by; [SortBy.CREATED_AT] unless set
 * @property sortOrder which way to sort; [SortOrder.DESC] unless set
 * @property keyvalues only pins that carry all of these pairs
 */
public data class ListOptions @JvmOverloads constructor(
    val offset: Long? = null,
    val limit: Int? = null,
    val pinned: Pinned? = null,
    val sortBy: SortBy? = null,
    val sortOrder: SortOrder? = null,
    val keyvalues: Map<String, String> = emptyMap(),
)

/** Which pins are listed. */
public enum class Pinned {
    /** Whether they are pinned or not. */
    ALL,

    /** Those that are pinned. */
    PINNED,

    /** Those that were unpinned. */
    UNPINNED,
}

/** What pins are sorted by. */
public enum class SortBy {
    /** When they were made. */
    CREATED_AT,

    /** Their size in bytes. */
    SIZE,

    /** Their name. */
    NAME,
}

/** Which way pins are sorted. */
public enum class SortOrder {
    /** The least first. */
    ASC,

    /** The greatest first. */
    DESC,
}

internal fun ListOptions.toSettings() = ListSettings(
    offset?.toCount("offset"),
    limit?.toCount("limit"),
    pinned?.word,
    sortBy?.word,
    sortOrder?.word,
    keyvalues,
)
