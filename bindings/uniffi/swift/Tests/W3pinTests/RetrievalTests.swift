import Foundation
import Testing
import W3pin

private struct ChangedMyMind: Error {}

/// The CID of content that no gateway has.
private let nobodys = "bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy"

/// Tests of reading pinned content through the service's gateway.
@Suite(.timeLimit(.minutes(2))) struct RetrievalTests {
    private let film = Data((0..<3_000_000).map { UInt8(truncatingIfNeeded: ($0 &* 2_654_435_761) >> 13) })

    private func retriever(_ gateways: URL..., idle: Duration? = nil) throws -> Retriever {
        try Retriever(
            configuration: Retriever.Configuration(
                gateways: gateways, environment: false, idleTimeout: idle,
                retry: RetryPolicy(attempts: 1)))
    }

    private func site(_ client: Client) async throws -> String {
        try await client.pinFolder(["index.html": Data("<h1>here</h1>".utf8), "films/a.mp4": film]).cid
    }

    @Test func filesAndFoldersAreFoundReadAndListed() async throws {
        let service = try Service()
        let site = try await site(service.client())
        let retriever = try retriever(service.gateway)
        let file = "\(site)/films/a.mp4"
        #expect(try await retriever.resolve(site).kind == .folder)
        let cid = try await computeCID(of: .bytes(film)).cid
        #expect(try await retriever.resolve(file) == Node(cid: cid, kind: .file, size: 3_000_000))
        for path in [file, "/ipfs/\(file)", "ipfs://\(file)", "https://example.com/ipfs/\(file)?download=true"] {
            #expect(try await retriever.read(path) == film)
        }
        let part = try await retriever.read(file, options: ReadOptions(start: 1_000_000, end: 1_000_009))
        #expect(part == film[1_000_000..<1_000_009])
        #expect(try await retriever.read(file, options: ReadOptions(start: 2_999_990, end: .max)).count == 10)
        #expect(try await retriever.read(file, options: ReadOptions(start: 5, end: 5)).isEmpty)

        var streamed = Data()
        for try await block in retriever.stream(file, options: ReadOptions(start: 10)) { streamed += block }
        #expect(streamed == film.dropFirst(10))
        let entries = try await retriever.list(site).reduce(into: []) { $0.append($1) }
        #expect(entries.map(\.name) == ["films", "index.html"])
        #expect(entries.map(\.kind) == [.folder, .file])
        #expect(entries.map(\.size) == [nil, 13])
    }

    @Test func aFileIsReadFromAnyPlaceInIt() async throws {
        let service = try Service()
        let site = try await site(service.client())
        let file = try await retriever(service.gateway).open("\(site)/films/a.mp4")
        #expect(file.size == 3_000_000)
        async let tail = file.data(in: file.size - 500..<file.size + 500)
        async let middle = file.data(in: 1_500_000..<1_500_007)
        #expect(try await tail == film.suffix(500))
        #expect(try await middle == film[1_500_000..<1_500_007])
        #expect(try await file.data(in: 7..<7).isEmpty)
        #expect(try await file.data(in: 0..<file.size) == film)
        #expect(try await file.stream().reduce(into: Data()) { $0 += $1 } == film)
        #expect(try await file.stream(in: 2_000_000..<2_000_001).reduce(into: Data()) { $0 += $1 }.count == 1)
        await refused("start") { try await file.data(in: -1..<1) }
        await refused("start") { try await file.data(in: .min..<(.max)) }
        await refused("start") { try await file.data(in: 3_000_001..<3_000_002) }
    }

    @Test func aFolderIsFetchedAndFetchedAgainForNothing() async throws {
        let service = try Service()
        let site = try await site(service.client())
        let retriever = try retriever(service.gateway)
        let folder = try Folder()
        let destination = folder.url.appending(path: "site")
        let (updates, continuation) = AsyncStream.makeStream(of: FetchProgress.self)
        let done = Progress(totalUnitCount: -1)
        let told = News<FetchProgress>()
        let options = FetchOptions(
            onProgress: { told.append($0) }, progressUpdates: continuation, foundationProgress: done)
        let fetched = try await retriever.fetch(site, to: destination, options: options)
        #expect(fetched == Fetched(cid: site, files: 2, bytes: 3_000_013, bytesFetched: 3_000_013))
        #expect(try Data(contentsOf: destination.appending(path: "films/a.mp4")) == film)
        #expect(told.all.last == FetchProgress(bytes: 3_000_013, files: 2))
        #expect(done.completedUnitCount == 3_000_013)
        #expect(await updates.reduce(0) { count, _ in count + 1 } > 0)
        #expect(try await retriever.fetch(site, to: destination).bytesFetched == 0)

        let page = try folder.write("site/index.html", Data("mine".utf8))
        await #expect {
            try await retriever.fetch(site, to: destination)
        } throws: {
            ($0 as? PinningError)?.kind == .localIO && ($0 as? PinningError)?.path?.hasSuffix("index.html") == true
        }
        try await retriever.fetch(site, to: destination, options: FetchOptions(overwrite: true))
        #expect(try String(contentsOf: page, encoding: .utf8) == "<h1>here</h1>")
    }

    @Test func whatAListenerThrowsStopsTheFetch() async throws {
        let service = try Service()
        let cid = try await service.client().pinBytes(film).cid
        let folder = try Folder()
        let file = folder.url.appending(path: "film")
        let retriever = try retriever(service.gateway)
        let options = FetchOptions(concurrency: 1, onProgress: { _ in throw ChangedMyMind() })
        await #expect(throws: ChangedMyMind.self) { try await retriever.fetch(cid, to: file, options: options) }
        #expect(try await retriever.fetch(cid, to: file).bytes == 3_000_000)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path) == ["film"])
    }

    @Test func aClientsRetrieverEndsWithIt() async throws {
        let service = try Service()
        let client = try service.client()
        let site = try await site(client)
        let first = try client.retriever()
        #expect(try await first.read("\(site)/index.html") == Data("<h1>here</h1>".utf8))
        first.close()
        await #expect {
            try await first.read(site)
        } throws: {
            $0 is ClientClosedError && $0.localizedDescription == "the retriever is closed"
        }
        let second = try client.retriever()
        client.close()
        await #expect(throws: ClientClosedError.self) { try await second.resolve(site) }
        await #expect(throws: ClientClosedError.self) { try await second.list(site).first { _ in true } }
        #expect(throws: ClientClosedError.self) { try client.retriever() }
    }

    @Test func whatCannotBeUsedIsRefused() async throws {
        let nowhere = try retriever(#require(URL(string: "http://127.0.0.1:9")))
        let cid = nobodys
        let place = URL(fileURLWithPath: "/nowhere")
        for path in ["", "odd", " ", "\(cid)\0", "/ipns/example.com", "\(cid)/../secret", "ftp://example.com/\(cid)"] {
            await refused("cid") { try await nowhere.resolve(path) }
        }
        await refused("cid") { try await nowhere.read("odd") }
        await refused("cid") { try await nowhere.open("odd") }
        await refused("cid") { try await nowhere.stream("odd").first { _ in true } as Any }
        await refused("cid") { try await nowhere.list("odd").first { _ in true } as Any }
        await refused("cid") { try await nowhere.fetch("odd", to: place) }
        await refused("start") { try await nowhere.read(cid, options: ReadOptions(start: -1)) }
        await refused("end") { try await nowhere.read(cid, options: ReadOptions(start: 2, end: 1)) }
        await refused("end") {
            try await nowhere.stream(cid, options: ReadOptions(end: .min)).first { _ in true } as Any
        }
        await refused("most_bytes") { try await nowhere.read(cid, options: ReadOptions(mostBytes: -1)) }
        let web = try #require(URL(string: "https://example.com/file"))
        await refused("destination") { try await nowhere.fetch(cid, to: web) }
        await refused("concurrency") { try await nowhere.fetch(cid, to: place, options: FetchOptions(concurrency: 0)) }
        await refused("concurrency") {
            try await nowhere.fetch(cid, to: place, options: FetchOptions(concurrency: .min))
        }
        await refused("most_bytes") { try await nowhere.fetch(cid, to: place, options: FetchOptions(mostBytes: -1)) }
        await refused("most_entries") {
            try await nowhere.fetch(cid, to: place, options: FetchOptions(mostEntries: -1))
        }
        await refused("gateways") { try self.retriever(web.deletingLastPathComponent(), place) }
        await refused("idle_timeout") { try self.retriever(web, idle: .seconds(-1)) }
    }

    @Test func whatIsNotThereOrIsNoFileIsSaidSo() async throws {
        let service = try Service()
        let site = try await site(service.client())
        let retriever = try retriever(service.gateway)
        await refused("path") { try await retriever.read(site) }
        await refused("path") { try await retriever.open(site) }
        await refused("path") { try await retriever.stream(site).first { _ in true } as Any }
        await refused("path") { try await retriever.list("\(site)/index.html").first { _ in true } as Any }
        await refused("most_bytes") {
            try await retriever.read("\(site)/index.html", options: ReadOptions(mostBytes: 12))
        }
        await #expect {
            try await retriever.read("\(site)/none")
        } throws: {
            ($0 as? PinningError)?.kind == .notFound
        }
    }

    @Test func noWrongByteComesOutAndAGoodGatewayMakesUpForIt() async throws {
        let service = try Service()
        let page = Data("<h1>here</h1>".utf8)
        let cid = try await service.client().pinBytes(page).cid
        let gateways = [
            OddGateway(body: Data("<h1>gone</h1>".utf8)),
            OddGateway(body: page.dropLast()),
            OddGateway(body: page + page),
            OddGateway(body: Data()),
            OddGateway(body: page.prefix(5), length: page.count),
            OddGateway(status: "404 Not Found", type: "text/plain", body: Data("not here".utf8)),
            OddGateway(status: "500 Internal Server Error", type: "text/plain", body: page),
        ]
        for gateway in gateways {
            let alone = try retriever(gateway.url)
            await #expect(throws: PinningError.self) { try await alone.read(cid) }
            await #expect(throws: PinningError.self) { try await alone.stream(cid).first { _ in true } }
            await #expect(throws: PinningError.self) { try await alone.open(cid).data(in: 0..<1) }
            let folder = try Folder()
            await #expect(throws: PinningError.self) {
                try await alone.fetch(cid, to: folder.url.appending(path: "page"))
            }
            #expect(!FileManager.default.fileExists(atPath: folder.url.appending(path: "page").path))
            #expect(try await retriever(gateway.url, service.gateway).read(cid) == page)
        }
    }

    @Test func aGatewayThatSaysNothingIsGivenUp() async throws {
        let silent = SilentServer(reads: true)
        let retriever = try retriever(silent.url, idle: .milliseconds(300))
        await #expect(throws: PinningError.self) { try await retriever.read(nobodys) }
        _ = try await silent.ended.wait()
    }

    @Test func cancellingACallClosesItsConnection() async throws {
        let cid = nobodys
        let folder = try Folder()
        let calls: [@Sendable (Retriever) async throws -> Void] = [
            { _ = try await $0.resolve(cid) },
            { _ = try await $0.read(cid) },
            { _ = try await $0.open(cid) },
            { for try await _ in $0.stream(cid) {} },
            { for try await _ in $0.list(cid) {} },
            { _ = try await $0.fetch(cid, to: folder.url.appending(path: "a")) },
        ]
        for call in calls {
            let silent = SilentServer(reads: false)
            let retriever = try retriever(silent.url)
            let running = Task { try await call(retriever) }
            try await silent.connected.wait()
            running.cancel()
            await #expect(throws: CancellationError.self) { try await running.value }
            _ = try await silent.ended.wait()
        }
    }

    @Test func leavingAnIterationClosesItsConnection() async throws {
        let service = try Service()
        let cid = try await service.client().pinBytes(film).cid
        var given = 0
        for try await block in try retriever(service.gateway).stream(cid) {
            given += block.count
            break
        }
        #expect(given > 0 && given < film.count)
    }

    @Test func aRetrieverCanBeFaked() async throws {
        let fake: any ContentRetriever = FakeRetriever()
        #expect(try await fake.read("any") == Data("any".utf8))
        #expect(try await fake.open("any").data(in: 1..<9) == Data("ny".utf8))
        #expect(try await fake.open("any").stream(in: 0..<1).first { _ in true } == Data("a".utf8))
        await #expect(throws: PinningError.self) { try await fake.open("any").data(in: 4..<5) }
        #expect(try await fake.list("any").first { _ in true }?.name == "a")
    }

    /// Checks that a call is refused for this field.
    private func refused(
        _ field: String, sourceLocation: SourceLocation = #_sourceLocation, _ call: () async throws -> Any
    ) async {
        await #expect(sourceLocation: sourceLocation) {
            _ = try await call()
        } throws: { error in
            (error as? PinningError)?.kind == .invalidInput
                && (error as? PinningError)?.field?.hasPrefix(field) == true
        }
    }
}

struct FakeRetriever: ContentRetriever {
    func resolve(_ path: String) async throws -> Node { Node(cid: path, kind: .block) }
    func read(_ path: String, options: ReadOptions) async throws -> Data { Data(path.utf8) }
    func stream(_ path: String, options: ReadOptions) -> RetrievedSequence<Data> { RetrievedSequence([]) }
    func open(_ path: String) async throws -> ContentReader { ContentReader(Data(path.utf8)) }
    func list(_ path: String) -> RetrievedSequence<FolderEntry> {
        RetrievedSequence([FolderEntry(name: "a", cid: path, kind: .file)])
    }
    func fetch(_ path: String, to destination: URL, options: FetchOptions) async throws -> Fetched {
        Fetched(cid: path, files: 0, bytes: 0, bytesFetched: 0)
    }
    func close() {}
}
