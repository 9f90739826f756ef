import Foundation
internal import W3pinFFI

/// Content that the service keeps, or is asked to keep, for the account.
public struct Pin: Sendable, Hashable, Identifiable {
    /// What ``Client/getPin(_:)`` and ``Client/unpin(_:)`` take.
    public let id: String
    /// The root of the content, in the form the service writes it.
    public let cid: String
    /// The name that listings show.
    public let name: String?
    /// Bytes that the service accounts for. This isn't the file's length.
    public let size: Int64?
    /// How far the service is.
    public let status: Status
    /// Whether the content is pinned now.
    public let pinned: Bool
    /// Whether it was pinned by its CID rather than uploaded.
    public let isPinByHash: Bool
    /// Whether it is a folder.
    public let isDir: Bool
    /// When it was pinned.
    public let datePinned: Date?
    /// When it was unpinned.
    public let dateUnpinned: Date?
    /// The caller's own pairs.
    public let keyvalues: [String: String]
    /// What kind of file the service takes it for.
    public let fileType: String?
    /// How far the service is with the blocks below the root.
    public let subHashStatus: Status?
    /// The service's record of the content.
    public let fileRecordID: String?
    /// The service's own hash of the content. It isn't reliably the CID's.
    public let rootHash: String?
    /// The account.
    public let userID: String?
    /// Whether this pin was there before the call that returned it.
    public let alreadyPinned: Bool
    /// What was proved of the content by the call that returned it.
    public let verification: Verification

    init(_ pin: PinRecord) {
        id = pin.id
        cid = pin.cid
        name = pin.name
        size = pin.size.map(Int64.init(clamping:))
        status = Status(rawValue: pin.status)
        pinned = pin.pinned
        isPinByHash = pin.isPinByHash
        isDir = pin.isDir
        datePinned = pin.datePinned
        dateUnpinned = pin.dateUnpinned
        keyvalues = pin.keyvalues
        fileType = pin.fileType
        subHashStatus = pin.subHashStatus.map(Status.init(rawValue:))
        fileRecordID = pin.fileRecordId
        rootHash = pin.rootHash
        userID = pin.userId
        alreadyPinned = pin.alreadyPinned
        verification = Verification(pin.verification)
    }

    /// How far the service is with a pin. Statuses that aren't known are kept as they came.
    public struct Status: RawRepresentable, Sendable, Hashable {
        /// The service's word.
        public let rawValue: String

        /// Takes the service's word.
        public init(rawValue: String) {
            self.rawValue = rawValue
        }

        /// It waits for its turn.
        public static let pending = Status(rawValue: "PENDING")
        /// Its blocks are being fetched.
        public static let retrieval = Status(rawValue: "RETRIEVAL")
        /// It is pinned.
        public static let done = Status(rawValue: "DONE")
    }
}
