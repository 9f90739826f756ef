import Foundation
internal import W3pinFFI

/// Gives the engine a stream of the caller, block by block.
///
/// The engine asks for a block only when it has the one before, so nothing here is used by two threads at once.
final class StreamSource: ByteSource, @unchecked Sendable {
    /// Bytes that cross at once.
    static let block = 256 * 1024

    private let call: Call
    private let next: () async throws -> Data?
    private var rest = Data()

    init(_ call: Call, next: @escaping () async throws -> Data?) {
        self.call = call
        self.next = next
    }

    func read() async throws -> Data? {
        do {
            while rest.isEmpty {
                guard let block = try await next() else { return nil }
                rest = block
            }
        } catch {
            throw call.fail(error)
        }
        let block = rest.prefix(Self.block)
        rest = rest.dropFirst(block.count)
        return block
    }
}
