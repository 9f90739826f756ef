/// How a lone file is sent.
public struct FileOptions: Sendable, Hashable {
    /// What a lone file is called at the service; its own name unless set.
    public var fileName: String?
    /// The media type that the service is told of a lone file, such as `image/png`.
    public var contentType: String?

    /// Makes options; see the properties.
    public init(fileName: String? = nil, contentType: String? = nil) {
        self.fileName = fileName
        self.contentType = contentType
    }
}
