/// A UnixFS profile: how content is split into blocks, and how these are linked. It determines the CID.
public struct Profile: RawRepresentable, Sendable, Hashable, Codable {
    /// The profile's name.
    public let rawValue: String

    /// Creates a profile from its name. Unknown names are rejected by the call that uses them.
    public init(rawValue: String) {
        self.rawValue = rawValue
    }

    /// IPIP-0499's unixfs-v0-2015: CIDv0, chunks of 256 KiB.
    public static let unixfs2015 = Profile(rawValue: "unixfs-v0-2015")
    /// IPIP-0499's unixfs-v1-2025: CIDv1, chunks of 1 MiB.
    public static let unixfs2025 = Profile(rawValue: "unixfs-v1-2025")
    /// What `ipfs add --cid-version=1` does: CIDv1, chunks of 256 KiB.
    public static let kuboCIDv1Legacy = Profile(rawValue: "kubo-cidv1-legacy")
}
