import Foundation
import Testing
import W3pin

/// A fake client with only the calls that the test needs.
private struct FakeClient: PinningClient {
    var endpoint: URL { URL(fileURLWithPath: "/") }
    var pin = Pin(id: "1", cid: "bafkqaaa")
    var synced: Synced {
        Synced(outcome: .pinned, cid: pin.cid, contenthash: "0xe301", dnslink: "dnslink=/ipfs/\(pin.cid)", pin: pin)
    }

    func pinFile(at path: URL, options: PinOptions, file: FileOptions) async throws -> Pin { pin }
    func pinCAR(at path: URL, options: PinOptions) async throws -> Pin { pin }
    func pinFolder(at folder: URL, options: PinOptions, walk: WalkOptions) async throws -> Pin { pin }
    func pinFolder(_ folder: [String: Data], options: PinOptions, walk: WalkOptions) async throws -> Pin { pin }
    func syncFolder(
        at folder: URL, name: String, options: SyncOptions, walk: WalkOptions
    ) async throws -> Synced { synced }
    func syncFolder(
        _ folder: [String: Data], name: String, options: SyncOptions, walk: WalkOptions
    ) async throws -> Synced { synced }
    func pinPath(at path: URL, options: PinOptions, file: FileOptions, walk: WalkOptions) async throws -> Pin { pin }
    func pinBytes(_ bytes: Data, options: PinOptions, file: FileOptions) async throws -> Pin { pin }
    func pinJSON<Value: Encodable & Sendable>(
        _ value: Value, options: PinOptions, file: FileOptions
    ) async throws -> Pin { pin }
    func pinStream<Stream: AsyncSequence & Sendable>(
        _ stream: Stream, options: PinOptions, file: FileOptions, length: Int64?
    ) async throws -> Pin where Stream.Element: Collection<UInt8> { pin }
    func pinStream<Stream: AsyncSequence & Sendable>(
        _ stream: Stream, options: PinOptions, file: FileOptions, length: Int64?
    ) async throws -> Pin where Stream.Element == UInt8 { pin }
    func pinByCID(_ cid: String, options: PinByCIDOptions) async throws -> Pin { pin }
    func getPin(_ id: Pin.ID) async throws -> Pin {
        throw PinningError(kind: .notFound, reason: "there is no such pin", status: 404)
    }
    func listPins(_ options: ListOptions) async throws -> Page { Page(pins: [pin]) }
    func pins(_ options: ListOptions) -> Pins { Pins([pin], unreadable: [UnreadablePin(position: 1, reason: "odd")]) }
    func unpin(_ id: Pin.ID) async throws {}
    func waitUntilPinned(
        _ id: Pin.ID, deadline: Duration?, firstDelay: Duration?, maxDelay: Duration?
    ) async throws -> Pin { pin }
    func checkCredentials() async throws {}
    func pinFiles(
        _ items: [FileItem], options: PinOptions, file: FileOptions, walk: WalkOptions, concurrency: Int
    ) async throws -> [Result<Pin, PinningError>] { items.map { _ in .success(pin) } }
    func pinFilesAsCompleted(
        _ items: [FileItem], options: PinOptions, file: FileOptions, walk: WalkOptions, concurrency: Int
    ) -> Completions<Pin> { Completions([Completed(index: 0, result: .success(pin))]) }
    func pinCIDs(
        _ items: [CIDItem], options: PinByCIDOptions, concurrency: Int
    ) async throws -> [Result<Pin, PinningError>] { [] }
    func pinCIDsAsCompleted(
        _ items: [CIDItem], options: PinByCIDOptions, concurrency: Int
    ) -> Completions<Pin> { Completions([]) }
    func unpinMany(_ ids: [Pin.ID], concurrency: Int) async throws -> [Result<Void, PinningError>] { [] }
    func unpinManyAsCompleted(_ ids: [Pin.ID], concurrency: Int) -> Completions<Void> { Completions([]) }
    func prepareUpload(
        _ content: Content, body: URL, options: PrepareOptions, file: FileOptions, walk: WalkOptions
    ) async throws -> PreparedUpload { throw CocoaError(.featureUnsupported) }
    func finishUpload(_ upload: PreparedUpload, status: Int, response: Data) async throws -> Pin { pin }
    func verify(_ content: Content, cid: String, gateway: URL?, walk: WalkOptions) async throws -> Proof {
        Proof(files: 1, bytes: 1, blocksFetched: 1)
    }
    func retriever() throws -> any ContentRetriever { FakeRetriever() }
    func close() {}
}

@Suite struct DataTests {
    @Test func aClientCanBeFaked() async throws {
        let client: any PinningClient = FakeClient()
        let here = URL(fileURLWithPath: "/here")
        #expect(try await client.pinFile(at: here).id == "1")
        #expect(try await client.pinFolder(["a": Data("a".utf8)]).id == "1")
        #expect(try await client.pinStream(AsyncStream<Data> { $0.finish() }).id == "1")
        #expect(try await client.pinFiles(at: [here]).count == 1)
        #expect(try await client.waitUntilPinned("1").pinned)
        let pins = client.pins()
        #expect(try await all(pins).map(\.id) == ["1"] && pins.unreadable.map(\.reason) == ["odd"])
        for try await completed in client.pinFilesAsCompleted(at: [here]) {
            #expect(try completed.result.get().cid == "bafkqaaa")
        }
        await #expect {
            try await client.getPin("2")
        } throws: {
            ($0 as? PinningError)?.kind == .notFound && $0.localizedDescription == "there is no such pin"
        }
    }

    @Test func pinsAreCodable() throws {
        let pin = Pin(
            id: "1", cid: "bafkqaaa", name: "n", datePinned: Date(timeIntervalSince1970: 1), keyvalues: ["a": "b"],
            verification: Verification(result: .verified, profile: .unixfs2025))
        let json = try JSONEncoder().encode(Page(pins: [pin], totals: Totals(files: 1)))
        #expect(String(decoding: json, as: UTF8.self).contains("\"is_pin_by_hash\":false"))
        #expect(try JSONDecoder().decode(Page.self, from: json).pins == [pin])
    }

    @Test func pinsKnowTheirAddresses() throws {
        let pin = Pin(id: "1", cid: "bafkqaaa")
        let gateway = try #require(URL(string: "https://ipfs.io/"))
        #expect(pin.ipfsURL == "ipfs://bafkqaaa")
        #expect(try pin.gatewayURL(gateway).absoluteString == "https://ipfs.io/ipfs/bafkqaaa")
        let odd = try #require(URL(string: "ftp://ipfs.io"))
        #expect(throws: PinningError.self) { try pin.gatewayURL(odd) }
        #expect(throws: PinningError.self) { try Pin(id: "1", cid: "odd").gatewayURL(gateway) }
    }

    @Test func whatIsNoPreparedUploadIsRefused() {
        for text in ["\"\"", "\"{}\"", "\"[1]\""] {
            #expect(throws: PinningError.self) {
                try JSONDecoder().decode(PreparedUpload.self, from: Data(text.utf8))
            }
        }
    }

    @Test func wordsAreTheContracts() throws {
        #expect(try Verify.allCases.map { try Verify(word: "\($0)") } == Verify.allCases)
        #expect(try Symlinks.allCases.map { try Symlinks(word: "\($0)") } == Symlinks.allCases)
        #expect(try SortOrder(word: "asc") == .ascending)
        for word in ["", "Report", "\0", "all "] {
            #expect(throws: PinningError.self) { try Verify(word: word) }
        }
    }
}
