internal import W3pinFFI

/// Which of an account's pins to list, and in which order.
public struct ListOptions: Sendable, Hashable {
    /// How many pins to skip.
    public var offset: Int
    /// The maximum number of pins in a page, at least 1: 10 unless set, or 100 when all pages are read.
    public var limit: Int?
    /// Which pins to list.
    public var pinned: Pinned
    /// The field to sort by.
    public var sortBy: SortBy
    /// The direction to sort in.
    public var sortOrder: SortOrder
    /// List only pins that have all of these key-values.
    public var keyvalues: [String: String]

    /// Creates options; see the properties.
    public init(
        offset: Int = 0,
        limit: Int? = nil,
        pinned: Pinned = .all,
        sortBy: SortBy = .createdAt,
        sortOrder: SortOrder = .descending,
        keyvalues: [String: String] = [:]
    ) {
        self.offset = offset
        self.limit = limit
        self.pinned = pinned
        self.sortBy = sortBy
        self.sortOrder = sortOrder
        self.keyvalues = keyvalues
    }

    var settings: ListSettings {
        ListSettings(
            offset: Int64(offset),
            limit: limit.map(Int64.init),
            pinned: pinned.native,
            sortBy: sortBy.native,
            sortOrder: sortOrder.native,
            keyvalues: keyvalues)
    }
}
