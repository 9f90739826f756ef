internal import W3pinFFI

/// What a sync has done or, in a dry run, would do.
public struct Synced: Sendable, Hashable, Codable {
    /// Whether the content was uploaded.
    public var outcome: SyncOutcome
    /// The CID to publish: that of the pin, or of the local content in a dry run.
    public var cid: String
    /// The contenthash (EIP-1577) of an ENS name for this CID.
    public var contenthash: String
    /// The DNSLink record for this CID.
    public var dnslink: String
    /// The pin of the content; absent if a dry run would create it.
    public var pin: Pin?
    /// The ids of the deploys that were removed.
    public var removed: [Pin.ID]
    /// The deploys that stay pinned, newest first.
    public var kept: [Pin]
    /// The ids of older deploys that are left for the next sync to remove.
    public var postponed: [Pin.ID]

    /// Creates a value for tests; see the properties.
    public init(
        outcome: SyncOutcome,
        cid: String,
        contenthash: String,
        dnslink: String,
        pin: Pin? = nil,
        removed: [Pin.ID] = [],
        kept: [Pin] = [],
        postponed: [Pin.ID] = []
    ) {
        self.outcome = outcome
        self.cid = cid
        self.contenthash = contenthash
        self.dnslink = dnslink
        self.pin = pin
        self.removed = removed
        self.kept = kept
        self.postponed = postponed
    }
}

/// The outcome of a sync.
public enum SyncOutcome: String, Sendable, Hashable, CaseIterable, Codable {
    /// The newest deploy has this content, and nothing was sent.
    case unchanged
    /// The content was sent and pinned.
    case pinned
}

extension Synced {
    init(_ synced: SyncedRecord) {
        self.init(
            outcome: SyncOutcome(synced.outcome),
            cid: synced.cid,
            contenthash: synced.contenthash,
            dnslink: synced.dnslink,
            pin: synced.pin.map(Pin.init),
            removed: synced.removed,
            kept: synced.kept.map(Pin.init),
            postponed: synced.postponed)
    }
}

extension SyncOutcome {
    fileprivate init(_ outcome: OutcomeOfSync) {
        switch outcome {
        case .unchanged: self = .unchanged
        case .pinned: self = .pinned
        }
    }
}
