import Foundation
internal import W3pinFFI

/// A file or folder of a batch.
public struct FileItem: Sendable, Hashable {
    /// The file URL of the file or folder.
    public var path: URL
    /// The name shown in listings, overriding that of the batch.
    public var name: String?
    /// Key-values to find the pin by, in addition to those of the batch.
    public var keyvalues: [String: String]

    /// Creates an item; see the properties.
    public init(at path: URL, name: String? = nil, keyvalues: [String: String] = [:]) {
        self.path = path
        self.name = name
        self.keyvalues = keyvalues
    }

    /// An invalid value is the error of this item only.
    var native: Item {
        do {
            return Item(subject: try path.local("path"), problem: nil, name: name, keyvalues: keyvalues)
        } catch {
            let refused = error as? PinningError
            let problem = Problem(field: refused?.field ?? "path", reason: refused?.reason ?? "\(error)")
            return Item(subject: "", problem: problem, name: nil, keyvalues: [:])
        }
    }
}

/// A CID of a batch.
public struct CIDItem: Sendable, Hashable {
    /// The CID of the content's root.
    public var cid: String
    /// The name shown in listings, overriding that of the batch.
    public var name: String?
    /// Key-values to find the pin by, in addition to those of the batch.
    public var keyvalues: [String: String]

    /// Creates an item; see the properties.
    public init(_ cid: String, name: String? = nil, keyvalues: [String: String] = [:]) {
        self.cid = cid
        self.name = name
        self.keyvalues = keyvalues
    }

    var native: Item { Item(subject: cid, problem: nil, name: name, keyvalues: keyvalues) }
}

func idItem(_ id: String) -> Item {
    Item(subject: id, problem: nil, name: nil, keyvalues: [:])
}
