internal import W3pinFFI

/// How much proof to require that the service pinned what was sent.
public enum Verify: Sendable, Hashable, CaseIterable {
    /// No CID is computed.
    case off
    /// The pin reports what was proved.
    case report
    /// Anything but a proof is an error.
    case require

    /// Parses the word that settings use, such as `report`; throws ``PinningError`` for others.
    public init(word: String) throws {
        switch try translating({ try verifyOf(word: word) }) {
        case .off: self = .off
        case .report: self = .report
        case .require: self = .require
        }
    }

    var native: W3pinFFI.Verify {
        switch self {
        case .off: .off
        case .report: .report
        case .require: .require
        }
    }
}

/// What to do with symbolic links in a folder.
public enum Symlinks: Sendable, Hashable, CaseIterable {
    /// A symbolic link is an error.
    case refuse
    /// Links are replaced by what they point to.
    case follow
    /// Links are left out.
    case skip
    /// Links stay links; an upload can't carry them.
    case preserve

    /// Parses the word that settings use, such as `skip`; throws ``PinningError`` for others.
    public init(word: String) throws {
        switch try translating({ try symlinksOf(word: word) }) {
        case .refuse: self = .refuse
        case .follow: self = .follow
        case .skip: self = .skip
        case .preserve: self = .preserve
        }
    }

    var native: W3pinFFI.Symlinks {
        switch self {
        case .refuse: .refuse
        case .follow: .follow
        case .skip: .skip
        case .preserve: .preserve
        }
    }
}

/// Which pins to list.
public enum Pinned: Sendable, Hashable, CaseIterable {
    /// All pins.
    case all
    /// Pins whose content is currently pinned.
    case pinned
    /// Pins whose content isn't pinned, or isn't pinned yet.
    case unpinned

    /// Parses the word that settings use, such as `all`; throws ``PinningError`` for others.
    public init(word: String) throws {
        switch try translating({ try pinnedOf(word: word) }) {
        case .all: self = .all
        case .pinned: self = .pinned
        case .unpinned: self = .unpinned
        }
    }

    var native: W3pinFFI.PinnedFilter {
        switch self {
        case .all: .all
        case .pinned: .pinned
        case .unpinned: .unpinned
        }
    }
}

/// The field to sort by.
public enum SortBy: Sendable, Hashable, CaseIterable {
    /// When the pin was created.
    case createdAt
    /// The size in bytes, as the service accounts for it.
    case size
    /// The name.
    case name

    /// Parses the word that settings use, such as `size`; throws ``PinningError`` for others.
    public init(word: String) throws {
        switch try translating({ try sortByOf(word: word) }) {
        case .createdAt: self = .createdAt
        case .size: self = .size
        case .name: self = .name
        }
    }

    var native: W3pinFFI.SortBy {
        switch self {
        case .createdAt: .createdAt
        case .size: .size
        case .name: .name
        }
    }
}

/// The direction to sort in.
public enum SortOrder: Sendable, Hashable, CaseIterable {
    /// Smallest, oldest or alphabetically first comes first.
    case ascending
    /// Largest, newest or alphabetically last comes first.
    case descending

    /// Parses the word that settings use, such as `asc`; throws ``PinningError`` for others.
    public init(word: String) throws {
        switch try translating({ try sortOrderOf(word: word) }) {
        case .ascending: self = .ascending
        case .descending: self = .descending
        }
    }

    var native: W3pinFFI.SortOrder {
        switch self {
        case .ascending: .ascending
        case .descending: .descending
        }
    }
}
