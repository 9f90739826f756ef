import Foundation
internal import W3pinFFI

/// A file or folder to pin as one of many.
public struct FileItem: Sendable, Hashable {
    /// The file URL of the file or folder.
    public var path: URL
    /// The name shown in listings, in place of the one for all.
    public var name: String?
    /// Key-values to find the pin by, beside those for all.
    public var keyvalues: [String: String]

    /// Makes an item; see the properties.
    public init(at path: URL, name: String? = nil, keyvalues: [String: String] = [:]) {
        self.path = path
        self.name = name
        self.keyvalues = keyvalues
    }

    /// What can't be used is the error of this item, and of no other.
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

/// A CID to pin as one of many.
public struct CIDItem: Sendable, Hashable {
    /// The CID of the content's root.
    public var cid: String
    /// The name shown in listings, in place of the one for all.
    public var name: String?
    /// Key-values to find the pin by, beside those for all.
    public var keyvalues: [String: String]

    /// Makes an item; see the properties.
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
