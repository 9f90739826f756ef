/// What becomes of symbolic links in a folder.
public struct Symlinks: RawRepresentable, Sendable, Hashable {
    /// The contract's word.
    public let rawValue: String

    /// Takes a word. One that isn't known is refused by the call that gets it.
    public init(rawValue: String) {
        self.rawValue = rawValue
    }

    /// One is an error.
    public static let refuse = Symlinks(rawValue: "refuse")
    /// What they point to is taken in their place.
    public static let follow = Symlinks(rawValue: "follow")
    /// They are left out.
    public static let skip = Symlinks(rawValue: "skip")
    /// They stay links, which an upload can't carry.
    public static let preserve = Symlinks(rawValue: "preserve")
}
