internal import W3pinFFI

/// What an upload would send.
public struct UploadPreview: Sendable, Hashable, Codable {
    /// The CID of the root.
    public var cid: String
    /// The bytes of content.
    public var size: Int64
    /// The files, in the order in which they are sent.
    public var files: [PreviewedFile]

    /// Creates a preview for tests; see the properties.
    public init(cid: String, size: Int64, files: [PreviewedFile]) {
        self.cid = cid
        self.size = size
        self.files = files
    }
}

/// A file that would be sent.
public struct PreviewedFile: Sendable, Hashable, Codable {
    /// The name sent to the service.
    public var name: String
    /// The bytes of content.
    public var size: Int64

    /// Creates a file for tests; see the properties.
    public init(name: String, size: Int64) {
        self.name = name
        self.size = size
    }
}

extension UploadPreview {
    init(_ preview: PreviewRecord) {
        self.init(
            cid: preview.cid,
            size: Int64(clamping: preview.size),
            files: preview.files.map { PreviewedFile(name: $0.name, size: Int64(clamping: $0.size)) })
    }
}
