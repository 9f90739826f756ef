import Foundation
internal import W3pinFFI

/// Content that the service keeps, or is asked to keep, for the account.
public struct Pin: Sendable, Hashable, Identifiable, Codable {
    /// The pin's id.
    public var id: String
    /// The CID of the content's root, as the service returned it.
    public var cid: String
    /// The name shown in listings.
    public var name: String?
    /// The size in bytes, as the service accounts for it, which isn't the file's length.
    public var size: Int64?
    /// The state of the pin: `PENDING`, `RETRIEVAL`, `DONE`, or another value of the service.
    public var status: Status
    /// Whether the content is currently pinned.
    public var pinned: Bool
    /// Whether the content was pinned by its CID rather than uploaded.
    public var isPinByHash: Bool
    /// Whether the content is a folder.
    public var isDir: Bool
    /// When the content was pinned.
    public var datePinned: Date?
    /// When the content was unpinned.
    public var dateUnpinned: Date?
    /// The caller's own key-values.
    public var keyvalues: [String: String]
    /// The type of file that the service detected.
    public var fileType: String?
    /// The state of the blocks below the root.
    public var subHashStatus: Status?
    /// The id of the service's record of the content.
    public var fileRecordID: String?
    /// The service's own hash of the content, which isn't always that of the CID.
    public var rootHash: String?
    /// The id of the account.
    public var userID: String?
    /// Whether the pin existed before the call that returned it.
    public var alreadyPinned: Bool
    /// What the call that returned the pin proved about the content.
    public var verification: Verification

    /// Creates a pin for tests; see the properties.
    public init(
        id: String,
        cid: String,
        name: String? = nil,
        size: Int64? = nil,
        status: Status = .done,
        pinned: Bool = true,
        isPinByHash: Bool = false,
        isDir: Bool = false,
        datePinned: Date? = nil,
        dateUnpinned: Date? = nil,
        keyvalues: [String: String] = [:],
        fileType: String? = nil,
        subHashStatus: Status? = nil,
        fileRecordID: String? = nil,
        rootHash: String? = nil,
        userID: String? = nil,
        alreadyPinned: Bool = false,
        verification: Verification = Verification()
    ) {
        self.id = id
        self.cid = cid
        self.name = name
        self.size = size
        self.status = status
        self.pinned = pinned
        self.isPinByHash = isPinByHash
        self.isDir = isDir
        self.datePinned = datePinned
        self.dateUnpinned = dateUnpinned
        self.keyvalues = keyvalues
        self.fileType = fileType
        self.subHashStatus = subHashStatus
        self.fileRecordID = fileRecordID
        self.rootHash = rootHash
        self.userID = userID
        self.alreadyPinned = alreadyPinned
        self.verification = verification
    }

    private enum CodingKeys: String, CodingKey {
        case id, cid, name, size, status, pinned, keyvalues, verification
        case isPinByHash = "is_pin_by_hash"
        case isDir = "is_dir"
        case datePinned = "date_pinned"
        case dateUnpinned = "date_unpinned"
        case fileType = "file_type"
        case subHashStatus = "sub_hash_status"
        case fileRecordID = "file_record_id"
        case rootHash = "root_hash"
        case userID = "user_id"
        case alreadyPinned = "already_pinned"
    }

    /// The content's IPFS URL, `ipfs://CID`.
    public var ipfsURL: String { "ipfs://\(cid)" }

    /// The content's URL at a gateway, for a browser.
    ///
    /// - Parameter gateway: The gateway's URL, such as `https://ipfs.io`.
    /// - Throws: ``PinningError`` if `gateway` isn't such a URL.
    public func gatewayURL(_ gateway: URL) throws -> URL {
        let text = try translating { try W3pinFFI.gatewayUrl(cid: cid, gateway: gateway.absoluteString) }
        guard let url = URL(string: text) else {
            throw PinningError.invalidInput("gateway", "this isn't a URL that Foundation knows: \(text)")
        }
        return url
    }

    /// The status of a pin. Unknown words are kept.
    public struct Status: RawRepresentable, Sendable, Hashable, Codable {
        /// The service's own word.
        public let rawValue: String

        /// Creates a status from the service's word.
        public init(rawValue: String) {
            self.rawValue = rawValue
        }

        /// Uploaded, and waiting to be pinned.
        public static let pending = Status(rawValue: "PENDING")
        /// Being fetched from the network by its CID.
        public static let retrieval = Status(rawValue: "RETRIEVAL")
        /// Pinned.
        public static let done = Status(rawValue: "DONE")
    }
}

extension Pin {
    init(_ pin: PinRecord) {
        self.init(
            id: pin.id,
            cid: pin.cid,
            name: pin.name,
            size: pin.size.map(Int64.init(clamping:)),
            status: Status(rawValue: pin.status),
            pinned: pin.pinned,
            isPinByHash: pin.isPinByHash,
            isDir: pin.isDir,
            datePinned: pin.datePinned,
            dateUnpinned: pin.dateUnpinned,
            keyvalues: pin.keyvalues,
            fileType: pin.fileType,
            subHashStatus: pin.subHashStatus.map(Status.init(rawValue:)),
            fileRecordID: pin.fileRecordId,
            rootHash: pin.rootHash,
            userID: pin.userId,
            alreadyPinned: pin.alreadyPinned,
            verification: Verification(pin.verification))
    }
}
