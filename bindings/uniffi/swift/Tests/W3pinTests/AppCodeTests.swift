import Dispatch
import Foundation
import Testing
import W3pin

/// Listeners and streams of the app run concurrently with calls, and only block their own.
@Suite(.timeLimit(.minutes(2))) struct AppCodeTests {
    @Test func listenersThatBlockHoldUpNoOtherCall() async throws {
        let service = try Service()
        let client = try service.client()
        let release = DispatchSemaphore(value: 0)
        let blocked = Count()
        let uploads = (0..<8).map { number in
            Task {
                let options = PinOptions(progress: { _ in
                    blocked.add()
                    release.wait()
                    release.signal()
                })
                return try await client.pinBytes(Data("number \(number)".utf8), options: options)
            }
        }
        while blocked.value < 8 { try await Task.sleep(for: .milliseconds(10)) }
        try await client.checkCredentials()
        _ = try await service.client().pinBytes(Data("another".utf8), options: PinOptions(progress: { _ in }))
        release.signal()
        for upload in uploads { _ = try await upload.value }
        #expect(try await all(client.pins()).count == 9)
    }

    @Test func aListenerThatThrowsACancellationErrorStopsItsUpload() async throws {
        let service = try Service()
        let client = try service.client()
        let options = PinOptions(progress: { _ in throw CancellationError() })
        await #expect(throws: CancellationError.self) { try await client.pinStream(Endless(), options: options) }
        #expect(try await all(client.pins()).isEmpty)
    }

    @Test func aListenerMayCallItsClient() async throws {
        let service = try Service()
        let client = try service.client()
        let told = Told()
        let options = PinOptions(progress: { progress in
            let done = DispatchSemaphore(value: 0)
            Task.detached {
                _ = try? await client.checkCredentials()
                done.signal()
            }
            done.wait()
            told.append(progress)
        })
        _ = try await client.pinBytes(Data(repeating: 1, count: 8 << 20), options: options)
        #expect(told.all.last?.bytesSent == 8 << 20)
    }

    @Test func aProgressOfFoundationIsKeptAndCancels() async throws {
        let service = try Service()
        let client = try service.client()
        let done = Progress(totalUnitCount: -1)
        _ = try await client.pinBytes(
            Data(repeating: 1, count: 4 << 20), options: PinOptions(foundationProgress: done))
        #expect(done.completedUnitCount == 4 << 20 && done.totalUnitCount == 4 << 20 && done.isFinished)

        let stopped = Progress(totalUnitCount: -1)
        let upload = Task { try await client.pinStream(Endless(), options: PinOptions(foundationProgress: stopped)) }
        while stopped.completedUnitCount == 0 { try await Task.sleep(for: .milliseconds(10)) }
        stopped.cancel()
        await #expect(throws: CancellationError.self) { try await upload.value }
        #expect(try await all(client.pins()).count == 1)
    }

    @Test func aBatchGivesEachAsItEndsAndTellsOfTheWhole() async throws {
        let service = try Service()
        let client = try service.client()
        let folder = try Folder()
        let files = try (0..<5).map { try folder.write("\($0)", Data("number \($0)".utf8)) }
        let told = Told()
        let items = files.map { FileItem(at: $0, name: "mine") } + [FileItem(at: folder.url.appending(path: "none"))]
        let options = PinOptions(progress: { told.append($0) })
        var found: [Int: Result<Pin, PinningError>] = [:]
        for try await completed in client.pinFilesAsCompleted(items, options: options, concurrency: 2) {
            found[completed.index] = completed.result
        }
        #expect(found.count == 6)
        #expect(found[0].flatMap { try? $0.get() }?.name == "mine")
        #expect(throws: PinningError.self) { try found[5]?.get() }
        #expect(told.all.last?.itemsDone == 6 && told.all.last?.itemsTotal == 6)
    }

    @Test func leavingABatchStopsTheRest() async throws {
        let server = SilentServer(reads: false)
        let client = try Client(
            credentials: Credentials(apiKey: "KEY", secretKey: "SECRET"),
            configuration: Client.Configuration(endpoint: server.endpoint))
        for try await completed in client.unpinManyAsCompleted(["", "a", "b", "c"], concurrency: 2) {
            #expect(completed.index == 0)
            break
        }
        try await server.connected.wait()
        _ = try await server.ended.wait()
    }

    @Test func progressUpdatesEndWithABatch() async throws {
        let service = try Service()
        let client = try service.client()
        let (updates, continuation) = AsyncStream.makeStream(of: UploadProgress.self)
        let missing = URL(fileURLWithPath: "/nowhere/at/all")
        async let results = client.pinFiles(at: [missing], options: PinOptions(progressUpdates: continuation))
        for await _ in updates {}
        let result = try await results[0]
        #expect(throws: PinningError.self) { try result.get() }
    }
}

private final class Count: @unchecked Sendable {
    private let lock = NSLock()
    private var number = 0

    var value: Int { lock.withLock { number } }

    func add() {
        lock.withLock { number += 1 }
    }
}
