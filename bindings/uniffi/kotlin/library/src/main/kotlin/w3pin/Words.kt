package w3pin

import w3pin.ffi.PinnedFilter

/** How much proof to require that the service pinned what was sent. */
public enum class Verify {
    /** No CID is computed. */
    OFF,

    /** The pin reports what was proved. */
    REPORT,

    /** Anything but a proof is an error. */
    REQUIRE;

    /** Parses the words that settings use. */
    public companion object {
        /** Parses the [word] that settings use, such as `report`; throws [PinningException.InvalidInput] for others. */
        @JvmStatic
        public fun of(word: String): Verify = when (calling { w3pin.ffi.verifyOf(word.text("verify")) }) {
            w3pin.ffi.Verify.OFF -> OFF
            w3pin.ffi.Verify.REPORT -> REPORT
            w3pin.ffi.Verify.REQUIRE -> REQUIRE
        }
    }
}

/** What to do with symbolic links in a folder. */
public enum class Symlinks {
    /** A symbolic link is an error. */
    REFUSE,

    /** Links are replaced by what they point to. */
    FOLLOW,

    /** Links are left out. */
    SKIP,

    /** Links stay links; an upload can't carry them. */
    PRESERVE;

    /** Parses the words that settings use. */
    public companion object {
        /** Parses the [word] that settings use, such as `skip`; throws [PinningException.InvalidInput] for others. */
        @JvmStatic
        public fun of(word: String): Symlinks = when (calling { w3pin.ffi.symlinksOf(word.text("symlinks")) }) {
            w3pin.ffi.Symlinks.REFUSE -> REFUSE
            w3pin.ffi.Symlinks.FOLLOW -> FOLLOW
            w3pin.ffi.Symlinks.SKIP -> SKIP
            w3pin.ffi.Symlinks.PRESERVE -> PRESERVE
        }
    }
}

/** Which pins to list. */
public enum class Pinned {
    /** All pins. */
    ALL,

    /** Pins whose content is currently pinned. */
    PINNED,

    /** Pins whose content isn't pinned, or isn't pinned yet. */
    UNPINNED;

    /** Parses the words that settings use. */
    public companion object {
        /** Parses the [word] that settings use, such as `all`; throws [PinningException.InvalidInput] for others. */
        @JvmStatic
        public fun of(word: String): Pinned = when (calling { w3pin.ffi.pinnedOf(word.text("pinned")) }) {
            PinnedFilter.ALL -> ALL
            PinnedFilter.PINNED -> PINNED
            PinnedFilter.UNPINNED -> UNPINNED
        }
    }
}

/** The field to sort by. */
public enum class SortBy {
    /** When the pin was created. */
    CREATED_AT,

    /** The size in bytes, as the service accounts for it. */
    SIZE,

    /** The name. */
    NAME;

    /** Parses the words that settings use. */
    public companion object {
        /** Parses the [word] that settings use, such as `size`; throws [PinningException.InvalidInput] for others. */
        @JvmStatic
        public fun of(word: String): SortBy = when (calling { w3pin.ffi.sortByOf(word.text("sort_by")) }) {
            w3pin.ffi.SortBy.CREATED_AT -> CREATED_AT
            w3pin.ffi.SortBy.SIZE -> SIZE
            w3pin.ffi.SortBy.NAME -> NAME
        }
    }
}

/** The direction to sort in. */
public enum class SortOrder {
    /** Smallest, oldest or alphabetically first comes first. */
    ASC,

    /** Largest, newest or alphabetically last comes first. */
    DESC;

    /** Parses the words that settings use. */
    public companion object {
        /** Parses the [word] that settings use, such as `asc`; throws [PinningException.InvalidInput] for others. */
        @JvmStatic
        public fun of(word: String): SortOrder = when (calling { w3pin.ffi.sortOrderOf(word.text("sort_order")) }) {
            w3pin.ffi.SortOrder.ASCENDING -> ASC
            w3pin.ffi.SortOrder.DESCENDING -> DESC
        }
    }
}

internal fun Verify.native() = when (this) {
    Verify.OFF -> w3pin.ffi.Verify.OFF
    Verify.REPORT -> w3pin.ffi.Verify.REPORT
    Verify.REQUIRE -> w3pin.ffi.Verify.REQUIRE
}

internal fun Symlinks.native() = when (this) {
    Symlinks.REFUSE -> w3pin.ffi.Symlinks.REFUSE
    Symlinks.FOLLOW -> w3pin.ffi.Symlinks.FOLLOW
    Symlinks.SKIP -> w3pin.ffi.Symlinks.SKIP
    Symlinks.PRESERVE -> w3pin.ffi.Symlinks.PRESERVE
}

internal fun Pinned.native() = when (this) {
    Pinned.ALL -> PinnedFilter.ALL
    Pinned.PINNED -> PinnedFilter.PINNED
    Pinned.UNPINNED -> PinnedFilter.UNPINNED
}

internal fun SortBy.native() = when (this) {
    SortBy.CREATED_AT -> w3pin.ffi.SortBy.CREATED_AT
    SortBy.SIZE -> w3pin.ffi.SortBy.SIZE
    SortBy.NAME -> w3pin.ffi.SortBy.NAME
}

internal fun SortOrder.native() = when (this) {
    SortOrder.ASC -> w3pin.ffi.SortOrder.ASCENDING
    SortOrder.DESC -> w3pin.ffi.SortOrder.DESCENDING
}
