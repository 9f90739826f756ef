/// How a single file is sent.
public struct FileOptions: Sendable, Hashable {
    /// The file name sent to the service, for a single file; its own unless set.
    public var fileName: String?
    /// The media type sent to the service, for a single file, such as `image/png`.
    public var contentType: String?

    /// Creates options; see the properties.
    public init(fileName: String? = nil, contentType: String? = nil) {
        self.fileName = fileName
        self.contentType = contentType
    }
}
