internal import W3pinFFI

/// Which of an account's pins to list, and in which order.
public struct ListOptions: Sendable, Hashable {
    /// How many pins to pass over.
    public var offset: Int?
    /// How many pins a page holds at most; 10 unless set.
    public var limit: Int?
    /// Which pins; ``Pinned-swift.struct/all`` unless set.
    public var pinned: Pinned?
    /// What to sort by; ``SortBy-swift.struct/createdAt`` unless set.
    public var sortBy: SortBy?
    /// Which way to sort; ``SortOrder-swift.struct/descending`` unless set.
    public var sortOrder: SortOrder?
    /// Only pins that carry all of these pairs.
    public var keyvalues: [String: String]

    /// Makes options; see the properties.
    public init(
        offset: Int? = nil,
        limit: Int? = nil,
        pinned: Pinned? = nil,
        sortBy: SortBy? = nil,
        sortOrder: SortOrder? = nil,
        keyvalues: [String: String] = [:]
    ) {
        self.offset = offset
        self.limit = limit
        self.pinned = pinned
        self.sortBy = sortBy
        self.sortOrder = sortOrder
        self.keyvalues = keyvalues
    }

    func settings() throws -> ListSettings {
        ListSettings(
            offset: try offset.count("offset"),
            limit: try limit.count("limit"),
            pinned: pinned?.rawValue,
            sortBy: sortBy?.rawValue,
            sortOrder: sortOrder?.rawValue,
            keyvalues: keyvalues)
    }
}

extension ListOptions {
    /// Which pins are listed.
    public struct Pinned: RawRepresentable, Sendable, Hashable {
        /// The service's word.
        public let rawValue: String

        /// Takes a word. One that isn't known is refused by the call that gets it.
        public init(rawValue: String) {
            self.rawValue = rawValue
        }

        /// All of the account's.
        public static let all = Pinned(rawValue: "all")
        /// Those that are pinned now.
        public static let pinned = Pinned(rawValue: "pinned")
        /// Those that were pinned once.
        public static let unpinned = Pinned(rawValue: "unpinned")
    }

    /// What pins are sorted by.
    public struct SortBy: RawRepresentable, Sendable, Hashable {
        /// The service's word.
        public let rawValue: String

        /// Takes a word. One that isn't known is refused by the call that gets it.
        public init(rawValue: String) {
            self.rawValue = rawValue
        }

        /// When they were made.
        public static let createdAt = SortBy(rawValue: "created_at")
        /// Their size.
        public static let size = SortBy(rawValue: "size")
        /// Their name.
        public static let name = SortBy(rawValue: "name")
    }

    /// Which way pins are sorted.
    public struct SortOrder: RawRepresentable, Sendable, Hashable {
        /// The service's word.
        public let rawValue: String

        /// Takes a word. One that isn't known is refused by the call that gets it.
        public init(rawValue: String) {
            self.rawValue = rawValue
        }

        /// The least first.
        public static let ascending = SortOrder(rawValue: "asc")
        /// The greatest first.
        public static let descending = SortOrder(rawValue: "desc")
    }
}
