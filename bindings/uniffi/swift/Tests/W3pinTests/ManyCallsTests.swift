import Foundation
import Testing
import W3pin

@Suite(.timeLimit(.minutes(5))) struct ManyCallsTests {
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
        for end in ends { #expect(try await end.wait()) }
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
        let (resident, allocated) = (try residentMemory(), try allocatedMemory())
        try await call(client, pin, times: 10_000)
        let (more, kept) = (try residentMemory() - resident, try allocatedMemory() - allocated)
        print(
            """
            10,000 calls: resident memory grew by \(more / 1024) KiB from \(resident / 1024) KiB, \
            allocated memory by \(kept / 1024) KiB from \(allocated / 1024) KiB
            """)
        #expect(more < 8 << 20)
        #expect(kept < 512 << 10)
    }

    /// Calls of every kind: with a result, a page, an error, a stream and a listener.
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

    /// The bytes allocated by Swift and Rust.
    private func allocatedMemory() throws -> Int {
        let folder = try Folder()
        let file = try folder.write("allocations", Data())
        let stream = try #require(fopen(file.path, "w"))
        // Glibc's module lacks it.
        let write = unsafeBitCast(
            dlsym(nil, "malloc_info"), to: (@convention(c) (Int32, UnsafeMutablePointer<FILE>) -> Int32).self)
        #expect(write(0, stream) == 0)
        fclose(stream)
        // The sums come after the last heap.
        let sums = try String(contentsOf: file, encoding: .utf8).components(separatedBy: "</heap>").last ?? ""
        func size(_ element: String) throws -> Int {
            let pattern = try Regex("\(element)\"[^>]*size=\"(\\d+)\"", as: (Substring, Substring).self)
            return Int(try #require(sums.firstMatch(of: pattern)).output.1) ?? 0
        }
        return try size("system type=\"current") + size("total type=\"mmap") - size("total type=\"rest")
            - size("total type=\"fast")
    }
}
