import Foundation

/// A file that is read from any place in it. Created by ``ContentRetriever/open(_:)``.
///
/// ```swift
/// let file = try await retriever.open("bafy…/archive.zip")
/// let directory = try await file.data(in: file.size - 65536..<file.size)
/// ```
public struct ContentReader: Sendable {
    /// The file's size in bytes.
    public let size: Int64

    private let read: @Sendable (ReadOptions) async throws -> Data
    private let begin: @Sendable (ReadOptions) -> RetrievedSequence<Data>

    init(
        size: Int64,
        read: @escaping @Sendable (ReadOptions) async throws -> Data,
        stream: @escaping @Sendable (ReadOptions) -> RetrievedSequence<Data>
    ) {
        self.size = size
        self.read = read
        begin = stream
    }

    /// A file in memory, for tests.
    public init(_ content: Data) {
        @Sendable func part(_ options: ReadOptions) throws -> Data {
            let size = Int64(content.count)
            let end = min(options.end ?? size, size)
            guard options.start >= 0, options.start <= end else {
                throw PinningError.invalidInput("start", "start is \(options.start), which isn't in the file")
            }
            return content.dropFirst(Int(options.start)).prefix(Int(end - options.start))
        }
        self.init(size: Int64(content.count), read: part) { options in
            RetrievedSequence((try? part(options)).map { [$0] } ?? [])
        }
    }

    /// Reads a part of the file into memory, with a separate request. A range beyond the end of the file is shortened.
    ///
    /// - Parameter range: The offset of the first byte to read, and the byte to stop before.
    /// - Throws: ``PinningError`` of kind ``PinningError/Kind/invalidInput`` if the range starts outside the file, or
    ///   exceeds 2 GiB.
    public func data(in range: Range<Int64>) async throws -> Data {
        let length = range.upperBound.subtractingReportingOverflow(range.lowerBound).partialValue
        return try await read(
            ReadOptions(start: range.lowerBound, end: range.upperBound, mostBytes: max(0, length)))
    }

    /// Streams the file, or a part of it. A range beyond the end of the file is shortened.
    ///
    /// - Parameter range: The offset of the first byte to read, and the byte to stop before; all of the file unless
    ///   set.
    public func stream(in range: Range<Int64>? = nil) -> RetrievedSequence<Data> {
        begin(ReadOptions(start: range?.lowerBound ?? 0, end: range?.upperBound))
    }
}
