import Foundation
import Testing
import W3pin

@Suite(.timeLimit(.minutes(5))) struct UploadTests {
    @Test func theSameContentHasTheSameCIDHoweverItComes() async throws {
        let service = try Service()
        let client = try service.client()
        let content = Data((0..<600_000).map { UInt8(truncatingIfNeeded: $0 &* 31) })
        let folder = try Folder()
        let file = try folder.write("content", content)
        let proved = PinOptions(name: "content", verify: .require)

        let fromFile = try await client.pinFile(at: file, options: proved)
        let fromBytes = try await client.pinBytes(content, options: proved)
        let blocks = AsyncStream { continuation in
            for start in stride(from: 0, to: content.count, by: 150_000) {
                continuation.yield([UInt8](content[start..<min(start + 150_000, content.count)]))
            }
            continuation.finish()
        }
        let fromBlocks = try await client.pinStream(blocks, options: proved)
        let bytes = AsyncStream { continuation in
            for byte in content { continuation.yield(byte) }
            continuation.finish()
        }
        let fromSingleBytes = try await client.pinStream(bytes, options: proved)

        let root = try await computeCID(of: .path(file))
        #expect(root.size == 600_000)
        for pin in [fromFile, fromBytes, fromBlocks, fromSingleBytes] {
            #expect(pin.cid == root.cid)
            #expect(pin.verification.result == .verified)
        }
        #expect(try await client.verify(.bytes(content), cid: root.cid).bytes == 600_000)
        #expect(try await client.verify(.path(file), cid: root.cid).files == 1)
    }

    @Test func aFolderIsPinnedListedAndUnpinned() async throws {
        let service = try Service()
        let client = try service.client()
        let folder = try Folder()
        _ = try folder.write("site/index.html", Data("<h1>here</h1>".utf8))
        let image = try folder.write("site/images/ü.svg", Data("<svg/>".utf8))
        let site = image.deletingLastPathComponent().deletingLastPathComponent()

        let pin = try await client.pinFolder(
            at: site, options: PinOptions(name: "my site", keyvalues: ["kind": "site"], verify: .require))
        #expect(pin.isDir && !pin.alreadyPinned && pin.name == "my site")
        let done = try await client.waitUntilPinned(pin.id, firstDelay: .milliseconds(1))
        #expect(done.status == .done && done.datePinned.map { $0 > Date(timeIntervalSince1970: 0) } == true)

        #expect(try await all(client.pins(ListOptions(keyvalues: ["kind": "site"]))).map(\.id) == [pin.id])
        #expect(try await client.listPins(ListOptions(limit: 1, sortBy: .name)).totals.files == 1)
        try await client.unpin(pin.id)
        #expect(try await client.getPin(pin.id).dateUnpinned != nil)
        #expect(try await all(client.pins(ListOptions(pinned: .pinned))).isEmpty)
    }

    @Test func pagesAreReadAsTheyAreNeeded() async throws {
        let service = try Service()
        let client = try service.client()
        for number in 0..<5 {
            _ = try await client.pinBytes(Data("number \(number)".utf8), options: PinOptions(name: "\(number)"))
        }
        let options = ListOptions(limit: 2, sortBy: .name, sortOrder: .ascending)
        let names = try await all(client.pins(options)).map(\.name)
        #expect(names == ["0", "1", "2", "3", "4"])
        let pins = client.pins(options)
        #expect(try await all(pins).count == 5)
        var first: [String] = []
        for try await pin in pins.prefix(3) { first.append(pin.name ?? "") }
        #expect(first == ["0", "1", "2"])
    }

    @Test func whatCannotBeReadIsToldAndHidesNothing() async throws {
        let scenarios = try Program("w3pin-scenarios")
        let begun = try await fetch("\(scenarios.line)/runs", post: "pins/unreadable")
        let client = try Client(
            credentials: Credentials(apiKey: "CONTRACT-KEY", secretKey: "CONTRACT-SECRET"),
            configuration: Client.Configuration(endpoint: begun["endpoint"]?.text))
        let pins = client.pins(ListOptions(limit: 2))
        #expect(try await all(pins).map(\.id) == ["b", "c"])
        #expect(pins.unreadable.map(\.id) == ["x"])
    }

    @Test func equalValuesAreEqualDocuments() async throws {
        struct Release: Codable, Sendable {
            var files: [String: String]
            var date: Date
        }
        let service = try Service()
        let client = try service.client()
        let release = Release(
            files: Dictionary(uniqueKeysWithValues: (0..<20).map { ("a/\($0)", "b") }),
            date: Date(timeIntervalSince1970: 0))
        let first = try await client.pinJSON(release)
        let second = try await client.pinJSON(release, options: PinOptions(skipIfPinned: true))
        #expect(second.id == first.id && second.alreadyPinned)
        await #expect(throws: EncodingError.self) { try await client.pinJSON(Double.nan) }
    }

    @Test func progressComesAsAStreamThatEnds() async throws {
        let service = try Service()
        let client = try service.client()
        let (updates, continuation) = AsyncStream.makeStream(of: UploadProgress.self)
        async let pin = client.pinBytes(
            Data(repeating: 1, count: 4 << 20), options: PinOptions(progressUpdates: continuation))
        var sent: [Int64] = []
        for await update in updates { sent.append(update.bytesSent) }
        #expect(sent == sent.sorted() && sent.last == 4 << 20)
        _ = try await pin

        let (failing, end) = AsyncStream.makeStream(of: UploadProgress.self)
        let missing = URL(fileURLWithPath: "/nowhere/at/all")
        await #expect(throws: PinningError.self) {
            try await client.pinFile(at: missing, options: PinOptions(progressUpdates: end))
        }
        for await _ in failing {}
    }

    @Test func manyAreAnsweredInTheirOrder() async throws {
        let service = try Service()
        let client = try service.client()
        let folder = try Folder()
        let files = try ["a", "b", "c"].map { try folder.write($0, Data($0.utf8)) }
        let missing = folder.url.appending(path: "missing")
        let results = try await client.pinFiles(at: [files[0], missing, files[1], files[2]], concurrency: 2)
        #expect(results.map { (try? $0.get())?.name } == ["a", nil, "b", "c"])
        let ids = results.compactMap { try? $0.get().id }
        #expect(try await client.unpinMany(ids).allSatisfy { (try? $0.get()) != nil })
        #expect(try await all(client.pins(ListOptions(pinned: .pinned))).isEmpty)
    }
}
