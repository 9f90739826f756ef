internal import W3pinFFI

/// Which entries of a folder count.
///
/// ```swift
/// try await client.pinFolder(at: site, walk: WalkOptions(exclude: ["*.map"], gitignore: true))
/// ```
public struct WalkOptions: Sendable, Hashable {
    /// Whether to include hidden files and folders, whose names start with a dot.
    public var hidden: Bool
    /// What to do with symbolic links in a folder. Unless set, ``Symlinks/refuse`` for uploads, and
    /// ``Symlinks/preserve`` for calls that don't send anything.
    public var symlinks: Symlinks?
    /// Patterns of the files to include, in .gitignore syntax; all files unless set.
    public var include: [String]
    /// Patterns of files and folders to leave out, in .gitignore syntax.
    public var exclude: [String]
    /// Whether to leave out what the folder's .gitignore files name.
    public var gitignore: Bool

    /// Creates options; see the properties.
    public init(
        hidden: Bool = false,
        symlinks: Symlinks? = nil,
        include: [String] = [],
        exclude: [String] = [],
        gitignore: Bool = false
    ) {
        self.hidden = hidden
        self.symlinks = symlinks
        self.include = include
        self.exclude = exclude
        self.gitignore = gitignore
    }

    var settings: WalkSettings {
        WalkSettings(
            hidden: hidden, symlinks: symlinks?.native, include: include, exclude: exclude, gitignore: gitignore)
    }
}
