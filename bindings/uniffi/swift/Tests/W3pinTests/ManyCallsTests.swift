import Foundation
import Testing
import W3pin

@Suite struct ManyCallsTests {
    @Test func manyTasksShareAClient() async throws {
        let service = try Service()
        let client = try service.client()
        try await withThrowingTaskGroup(of: Pin.self) { group in
            for number in 0..<100 {
                group.addTask { try await client.pinBytes(Data("task \(number)".utf8)) }
            }
            var cids = Set<String>()
            for try await pin in group { cids.insert(pin.cid) }
            #expect(cids.count == 100)
        }
    }

    @Test func anyThreadMayCallAndLetGo() async throws {
        let service = try Service()
        let ends = (0..<8).map { number in
            let end = Signal<Bool>()
            Thread.detachNewThread {
                let client = try? service.client()
                Task.detached {
                    let pin = try? await client?.pinBytes(Data("thread \(number)".utf8))
                    await end.set(pin != nil)
                }
            }
            return end
        }
        for end in ends { #expect(await end.wait()) }
    }

    @Test func pinsKeepTheirClient() async throws {
        let service = try Service()
        let pins = try service.client().pins()
        #expect(try await all(pins).isEmpty)
    }

    @Test func tenThousandCallsTakeNoMemory() async throws {
        let service = try Service()
        let client = try service.client()
        let pin = try await client.pinBytes(Data("pinned".utf8))
        try await call(client, pin, times: 2_000)
        let before = try residentMemory()
        try await call(client, pin, times: 10_000)
        let growth = try residentMemory() - before
        print("10,000 calls: resident memory grew by \(growth / 1024) KiB from \(before / 1024) KiB")
        #expect(growth < 2 << 20)
    }

    /// Calls of every shape: with a result, with a page, with an error, with a stream and a listener.
    private func call(_ client: Client, _ pin: Pin, times: Int) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for worker in 0..<8 {
                group.addTask {
                    for number in stride(from: worker, to: times, by: 8) {
                        switch number / 8 % 25 {
                        case 0:
                            let stream = AsyncStream { continuation in
                                continuation.yield(Data("stream \(times) \(number)".utf8))
                                continuation.finish()
                            }
                            let options = PinOptions(progress: { _ in })
                            let pin = try await client.pinStream(stream, options: options)
                            try await client.unpin(pin.id)
                        case 1...8: #expect(try await client.getPin(pin.id).cid == pin.cid)
                        case 9...16:
                            for try await pin in client.pins(ListOptions(limit: 1)).prefix(1) {
                                #expect(!pin.id.isEmpty)
                            }
                        default:
                            await #expect(throws: PinningError.self) { try await client.getPin("no such pin") }
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    private func residentMemory() throws -> Int {
        let pages = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8).split(separator: " ")
        return (Int(pages[1]) ?? 0) * Int(sysconf(Int32(_SC_PAGESIZE)))
    }
}
