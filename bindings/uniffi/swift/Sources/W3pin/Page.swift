internal import W3pinFFI

/// One page of the account's pins.
public struct Page: Sendable, Hashable {
    /// The pins, in the order asked for.
    public let pins: [Pin]
    /// What the service counts over all pages.
    public let totals: Totals

    init(_ page: PageRecord) {
        pins = page.pins.map(Pin.init)
        totals = Totals(
            files: page.totalFiles.map(Int64.init(clamping:)),
            size: page.totalSize.map(Int64.init(clamping:)))
    }
}

/// Sums over all pages, as far as the service tells them.
public struct Totals: Sendable, Hashable {
    /// Number of pins.
    public let files: Int64?
    /// Bytes that the service accounts for.
    public let size: Int64?
}
