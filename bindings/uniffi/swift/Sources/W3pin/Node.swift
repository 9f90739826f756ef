internal import W3pinFFI

/// The target of a path.
public struct Node: Sendable, Hashable, Codable {
    /// Its CID.
    public var cid: String
    /// The kind of the node.
    public var kind: NodeKind
    /// The bytes of a file's content.
    public var size: Int64?
    /// Where a symbolic link points.
    public var target: String?

    /// Creates a node for tests; see the properties.
    public init(cid: String, kind: NodeKind, size: Int64? = nil, target: String? = nil) {
        self.cid = cid
        self.kind = kind
        self.size = size
        self.target = target
    }
}

/// An entry of a folder.
public struct FolderEntry: Sendable, Hashable, Codable {
    /// The name. It is chosen by the creator of the folder: it is never empty, `.` or `..` and contains no `/`, but
    /// may contain anything else.
    public var name: String
    /// Its CID.
    public var cid: String
    /// The kind of the node.
    public var kind: NodeKind
    /// The bytes of a file's content.
    public var size: Int64?
    /// Where a symbolic link points.
    public var target: String?

    /// Creates an entry for tests; see the properties.
    public init(name: String, cid: String, kind: NodeKind, size: Int64? = nil, target: String? = nil) {
        self.name = name
        self.cid = cid
        self.kind = kind
        self.size = size
        self.target = target
    }
}

/// The kind of a path's target.
public enum NodeKind: String, Sendable, Hashable, CaseIterable, Codable {
    /// A file of UnixFS, or a raw block.
    case file
    /// A folder.
    case folder
    /// A symbolic link.
    case symlink
    /// A block of a format that isn't a file, such as DAG-CBOR. It is read as raw bytes.
    case block
    /// An entry of a folder whose block, which determines its kind, isn't available from any gateway.
    case unavailable
}

extension Node {
    init(_ node: NodeRecord) {
        self.init(
            cid: node.cid, kind: NodeKind(node.kind), size: node.size.map(Int64.init(clamping:)), target: node.target)
    }
}

extension FolderEntry {
    init(_ entry: EntryRecord) {
        let node = Node(entry.node)
        self.init(name: entry.name, cid: node.cid, kind: node.kind, size: node.size, target: node.target)
    }
}

extension NodeKind {
    fileprivate init(_ kind: KindOfNode) {
        switch kind {
        case .file: self = .file
        case .folder: self = .folder
        case .symlink: self = .symlink
        case .block: self = .block
        case .unavailable: self = .unavailable
        }
    }
}
