internal import W3pinFFI

/// The options of reading a file.
///
/// ```swift
/// let header = try await retriever.read("bafy…/film.mp4", options: ReadOptions(end: 4096))
/// ```
public struct ReadOptions: Sendable, Hashable {
    /// The offset of the first byte to read.
    public var start: Int64
    /// The offset to stop before; the end of the file unless set.
    public var end: Int64?
    /// The maximum number of bytes to read; a larger file is rejected before any of it is read. 256 MiB unless set
    /// for reads into
    /// memory, otherwise unlimited.
    public var mostBytes: Int64?

    /// Creates options; see the properties.
    public init(start: Int64 = 0, end: Int64? = nil, mostBytes: Int64? = nil) {
        self.start = start
        self.end = end
        self.mostBytes = mostBytes
    }

    var settings: ReadSettings {
        ReadSettings(start: start, end: end, mostBytes: mostBytes)
    }
}
