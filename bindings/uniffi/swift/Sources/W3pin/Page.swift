internal import W3pinFFI

/// One page of the account's pins.
public struct Page: Sendable, Hashable, Codable {
    /// The pins, in the requested order.
    public var pins: [Pin]
    /// Totals over all pages.
    public var totals: Totals
    /// Entries that can't be read as pins.
    public var unreadable: [UnreadablePin]

    /// Creates a page for tests; see the properties.
    public init(pins: [Pin], totals: Totals = Totals(), unreadable: [UnreadablePin] = []) {
        self.pins = pins
        self.totals = totals
        self.unreadable = unreadable
    }
}

/// Totals over all pages, as far as the service returns them.
public struct Totals: Sendable, Hashable, Codable {
    /// The number of pins.
    public var files: Int64?
    /// The size in bytes, as the service accounts for it.
    public var size: Int64?

    /// Creates totals for tests; see the properties.
    public init(files: Int64? = nil, size: Int64? = nil) {
        self.files = files
        self.size = size
    }
}

/// An entry of a listing that can't be read as a pin.
public struct UnreadablePin: Sendable, Hashable, Codable {
    /// Its position in the listing, counted from 0.
    public var position: Int64
    /// Its id, if it can be read.
    public var id: String?
    /// Why it can't be read.
    public var reason: String

    /// Creates an entry for tests; see the properties.
    public init(position: Int64, id: String? = nil, reason: String) {
        self.position = position
        self.id = id
        self.reason = reason
    }
}

extension Page {
    init(_ page: PageRecord) {
        self.init(
            pins: page.pins.map(Pin.init),
            totals: Totals(
                files: page.totalFiles.map(Int64.init(clamping:)),
                size: page.totalSize.map(Int64.init(clamping:))),
            unreadable: page.unreadable.map(UnreadablePin.init))
    }
}

extension UnreadablePin {
    init(_ entry: UnreadableRecord) {
        self.init(position: Int64(clamping: entry.position), id: entry.id, reason: entry.reason)
    }
}
