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
    UNPINNED;

    public companion object {
        /** The one that the API calls [word]; throws [PinningException.InvalidInput] where there is none. */
        @JvmStatic
        public fun of(word: String): Pinned = wordOf("pinned", word)
    }
}

/** What pins are sorted by. */
public enum class SortBy {
    /** When they were made. */
    CREATED_AT,

    /** Their size in bytes. */
    SIZE,

    /** Their name. */
    NAME;

    public companion object {
        /** The one that the API calls [word]; throws [PinningException.InvalidInput] where there is none. */
        @JvmStatic
        public fun of(word: String): SortBy = wordOf("sort_by", word)
    }
}

/** Which way pins are sorted. */
public enum class SortOrder {
    /** The least first. */
    ASC,

    /** The greatest first. */
    DESC;

    public companion object {
        /** The one that the API calls [word]; throws [PinningException.InvalidInput] where there is none. */
        @JvmStatic
        public fun of(word: String): SortOrder = wordOf("sort_order", word)
    }
}

internal fun ListOptions.toSettings() = ListSettings(
    offset?.toCount("offset"),
    limit?.toCount("limit"),
    pinned?.word,
    sortBy?.word,
    sortOrder?.word,
    keyvalues,
)
