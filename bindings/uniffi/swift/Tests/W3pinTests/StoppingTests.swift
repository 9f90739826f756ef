import Foundation
import Testing
import W3pin

private struct ChangedMyMind: Error {}

@Suite(.timeLimit(.minutes(1))) struct StoppingTests {
    private func client(of server: SilentServer) throws -> Client {
        try Client(
            credentials: Credentials(apiKey: "KEY", secretKey: "SECRET"),
            configuration: Client.Configuration(endpoint: server.endpoint))
    }

    @Test func aCancelledUploadPinsNothing() async throws {
        let service = try Service()
        let client = try service.client()
        let underWay = Signal<Void>()
        let upload = Task {
            let options = PinOptions(progress: { progress in
                if progress.bytesSent > 1 << 20 { Task { await underWay.set(()) } }
            })
            return try await client.pinStream(Endless(), options: options)
        }
        try await underWay.wait()
        upload.cancel()
        await #expect(throws: CancellationError.self) { try await upload.value }
        #expect(try await all(client.pins()).isEmpty)
    }

    @Test func cancellingAnUploadEndsItsConnection() async throws {
        let server = SilentServer(reads: true)
        let client = try client(of: server)
        let folder = try Folder()
        let file = try folder.write("film", Data(repeating: 1, count: 32 << 20))
        let upload = Task { try await client.pinFile(at: file) }
        try await server.connected.wait()
        upload.cancel()
        await #expect(throws: CancellationError.self) { try await upload.value }
        _ = try await server.ended.wait()
    }

    @Test func cancellingACallEndsItsConnection() async throws {
        let server = SilentServer(reads: false)
        let client = try client(of: server)
        let call = Task { try await client.getPin("id") }
        try await server.connected.wait()
        call.cancel()
        await #expect(throws: CancellationError.self) { try await call.value }
        _ = try await server.ended.wait()
    }

    @Test func cancellingAnIterationEndsItsConnection() async throws {
        let server = SilentServer(reads: false)
        let client = try client(of: server)
        let iteration = Task { try await all(client.pins()) }
        try await server.connected.wait()
        iteration.cancel()
        await #expect(throws: CancellationError.self) { try await iteration.value }
        _ = try await server.ended.wait()
    }

    @Test func aTaskThatIsCancelledAlreadySendsNothing() async throws {
        let service = try Service()
        let client = try service.client()
        let call = Task {
            while !Task.isCancelled { await Task.yield() }
            return try await client.pinBytes(Data("late".utf8))
        }
        call.cancel()
        await #expect(throws: CancellationError.self) { try await call.value }
        #expect(try await all(client.pins()).isEmpty)
    }

    @Test func aSlowNetworkHoldsTheStreamBack() async throws {
        let server = SilentServer(reads: false)
        let client = try client(of: server)
        let blocks = Count()
        let upload = Task { try await client.pinStream(Endless(given: { blocks.set($0) })) }
        try await server.connected.wait()
        var last = -1
        while blocks.value != last {
            last = blocks.value
            try await Task.sleep(for: .milliseconds(300))
        }
        upload.cancel()
        await #expect(throws: CancellationError.self) { try await upload.value }
        // What fits into the buffers between: some MiB at most.
        #expect(blocks.value * 65536 < 32 << 20)
    }

    @Test func theStreamOfACancelledUploadIsCancelled() async throws {
        let service = try Service()
        let client = try service.client()
        let reading = Signal<Void>()
        let cancelled = Signal<Void>()
        let stream = Waiting(begun: { Task { await reading.set(()) } }, cancelled: { Task { await cancelled.set(()) } })
        let upload = Task { try await client.pinStream(stream) }
        try await reading.wait()
        upload.cancel()
        await #expect(throws: CancellationError.self) { try await upload.value }
        try await cancelled.wait()
    }

    @Test func whatAStreamThrowsComesOutAndPinsNothing() async throws {
        let service = try Service()
        let client = try service.client()
        let stream = AsyncThrowingStream<Data, any Error> { continuation in
            continuation.yield(Data(repeating: 1, count: 1 << 20))
            continuation.finish(throwing: ChangedMyMind())
        }
        await #expect(throws: ChangedMyMind.self) { try await client.pinStream(stream) }
        #expect(try await all(client.pins()).isEmpty)
    }

    @Test func whatAListenerThrowsComesOutAndNothingElse() async throws {
        let service = try Service()
        let client = try service.client()
        let options = PinOptions(progress: { _ in throw ChangedMyMind() })
        await #expect(throws: ChangedMyMind.self) { try await client.pinStream(Endless(), options: options) }
        #expect(try await all(client.pins()).isEmpty)
        try await client.checkCredentials()
    }

    @Test func closingStopsWhatIsUnderWayAndRefusesTheRest() async throws {
        let server = SilentServer(reads: false)
        let client = try client(of: server)
        let call = Task { try await client.getPin("id") }
        try await server.connected.wait()
        client.close()
        await #expect(throws: ClientClosedError.self) { try await call.value }
        _ = try await server.ended.wait()
        await #expect {
            try await client.getPin("id")
        } throws: {
            $0 is ClientClosedError && $0.localizedDescription == "the client is closed"
        }
        await #expect(throws: ClientClosedError.self) { try await client.pinBytes(Data("x".utf8)) }
        await #expect(throws: ClientClosedError.self) { try await all(client.pins()) }
        client.close()
    }
}

/// A number that any thread may set.
private final class Count: @unchecked Sendable {
    private let lock = NSLock()
    private var number = 0

    var value: Int { lock.withLock { number } }

    func set(_ number: Int) {
        lock.withLock { self.number = number }
    }
}

/// A stream that gives nothing until it is cancelled.
private struct Waiting: AsyncSequence, AsyncIteratorProtocol, Sendable {
    let begun: @Sendable () -> Void
    let cancelled: @Sendable () -> Void

    func makeAsyncIterator() -> Self { self }

    mutating func next() async throws -> Data? {
        begun()
        do {
            try await Task.sleep(for: .seconds(3600))
        } catch {
            cancelled()
            throw ChangedMyMind()
        }
        return nil
    }
}
