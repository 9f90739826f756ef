/// A layout: how content is cut into blocks, and how these are linked. It decides the CID.
public struct Profile: RawRepresentable, Sendable, Hashable {
    /// The profile's name.
    public let rawValue: String

    /// Takes a profile's name. One that isn't known is refused by the call that gets it.
    public init(rawValue: String) {
        self.rawValue = rawValue
    }

    /// CIDv0, as `ipfs add` has done since 2015 ([IPIP-0499](https://specs.ipfs.tech/ipips/ipip-0499/)).
    public static let unixfs2015 = Profile(rawValue: "unixfs-v0-2015")
    /// CIDv1 ([IPIP-0499](https://specs.ipfs.tech/ipips/ipip-0499/)).
    public static let unixfs2025 = Profile(rawValue: "unixfs-v1-2025")
    /// What `ipfs add --cid-version=1` does.
    public static let kuboCIDv1Legacy = Profile(rawValue: "kubo-cidv1-legacy")
}
