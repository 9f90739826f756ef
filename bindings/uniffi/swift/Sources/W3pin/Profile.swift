/// A UnixFS profile: how content is cut into blocks, and how these are linked. It decides the CID.
public struct Profile: RawRepresentable, Sendable, Hashable, Codable {
    /// The profile's name.
    public let rawValue: String

    /// Takes a profile's name. One that isn't known is refused by the call that gets it.
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
