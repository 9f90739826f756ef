import Foundation
import Testing
import W3pin

@Suite struct InputTests {
    private let keys = Credentials(apiKey: "API-KEY-ITSELF", secretKey: "SECRET-ITSELF")

    private func client() throws -> Client {
        // Nothing listens there: invalid input is rejected before.
        try Client(
            credentials: keys,
            configuration: Client.Configuration(
                endpoint: "http://127.0.0.1:9/api/pinning", retry: RetryPolicy(attempts: 1)))
    }

    /// Checks that a call is rejected because of this field, and not made.
    private func refused(
        _ field: String, sourceLocation: SourceLocation = #_sourceLocation, _ call: () async throws -> Any
    ) async {
        await #expect(sourceLocation: sourceLocation) {
            _ = try await call()
        } throws: { error in
            (error as? PinningError)?.kind == .invalidInput && (error as? PinningError)?.field == field
        }
    }

    @Test func whatCannotBeUsedIsRefused() async throws {
        let client = try client()
        let web = try #require(URL(string: "https://example.com/file"))
        let text = Data("x".utf8)
        await refused("path") { try await client.pinFile(at: web) }
        await refused("folder") { try await client.pinFolder(at: web) }
        // An invalid one is the error of only its item.
        let results = try await client.pinFiles(at: [web])
        await refused("path") { try results[0].get() }
        await refused("content") { try await computeCID(of: .path(web)) }
        await refused("content") { try await client.verify(.path(web), cid: "bafkqaaa") }
        await refused("cid") { try await client.pinByCID("not a CID") }
        await refused("timeout") { try await client.pinBytes(text, options: PinOptions(timeout: .seconds(-1))) }
        await refused("deadline") { try await client.waitUntilPinned("id", deadline: .nanoseconds(-1)) }
        await refused("attempts") {
            try await client.pinBytes(text, options: PinOptions(retry: RetryPolicy(attempts: -1)))
        }
        await refused("limit") { try await client.listPins(ListOptions(limit: -1)) }
        await refused("limit") { try await all(client.pins(ListOptions(limit: .max))) }
        await refused("offset") { try await client.listPins(ListOptions(offset: .min)) }
        await refused("concurrency") { try await client.unpinMany(["id"], concurrency: 0) }
        await refused("profile") {
            try await client.pinBytes(text, options: PinOptions(profile: Profile(rawValue: "odd")))
        }
        await refused("rate_limit") {
            try Client(credentials: keys, configuration: Client.Configuration(rateLimit: .perMinute(0)))
        }
        await refused("idle_timeout") {
            try Client(credentials: keys, configuration: Client.Configuration(idleTimeout: .seconds(-1)))
        }
        await refused("api_key") { try Client(credentials: Credentials(apiKey: "", secretKey: "S")) }
    }

    @Test func everyOddNumberIsRefusedByName() async throws {
        let client = try client()
        let text = Data("x".utf8)
        let negative = Duration.seconds(Int64.min)
        for number in [Int.min, -1, 0] {
            await refused("concurrency") { try await client.unpinMany(["id"], concurrency: number) }
            await refused("concurrency") { try await client.pinCIDs(["bafkqaaa"], concurrency: number) }
            await refused("concurrency") {
                for try await _ in client.pinFilesAsCompleted(at: [], concurrency: number) {}
                return ()
            }
            await refused("limit") { try await client.listPins(ListOptions(limit: number)) }
            await refused("rate_limit") {
                try Client(credentials: keys, configuration: Client.Configuration(rateLimit: .perMinute(number)))
            }
        }
        for number in [Int.min, -1, Int.max] {
            await refused("attempts") {
                try await client.pinBytes(text, options: PinOptions(retry: RetryPolicy(attempts: number)))
            }
        }
        for retry in [RetryPolicy(baseDelay: negative), RetryPolicy(maxDelay: negative), RetryPolicy(budget: negative)]
        {
            await #expect(throws: PinningError.self) {
                try await client.pinBytes(text, options: PinOptions(retry: retry))
            }
        }
        await refused("length") { try await client.pinStream(Endless(), length: -1) }
        await refused("timeout") { try await client.pinByCID("bafkqaaa", options: PinByCIDOptions(timeout: negative)) }
        await refused("first_delay") { try await client.waitUntilPinned("id", firstDelay: negative) }
        await refused("connect_timeout") {
            try Client(credentials: keys, configuration: Client.Configuration(connectTimeout: negative))
        }
    }

    @Test func everyOddTextIsRefusedByName() async throws {
        let client = try client()
        let text = Data("x".utf8)
        for name in ["", "a\0b", "a\nb", String(repeating: "x", count: 1 << 20)] {
            for call in [
                { try await client.pinByCID(name) },
                { try await client.pinBytes(text, file: FileOptions(fileName: name)) },
                { try await client.pinFolder([name: text]) }, { try await client.pinFolder(["../x": text]) },
            ] as [@Sendable () async throws -> Pin] {
                await #expect {
                    _ = try await call()
                } throws: {
                    ($0 as? PinningError)?.kind == .invalidInput
                }
            }
        }
        await #expect(throws: PinningError.self) { try await client.pinBytes(Data()) }
        await #expect(throws: PinningError.self) { try await client.pinFolder([:]) }
        let gateway = try #require(URL(string: "ftp://example.com"))
        await refused("gateway") { try await verify(.bytes(text), cid: "bafkqaaa", gateway: gateway) }
        await refused("gateways[0]") {
            try Client(credentials: keys, configuration: Client.Configuration(gateways: [gateway]))
        }
        #expect(throws: PinningError.self) {
            try Client(credentials: keys, configuration: Client.Configuration(rootCertificatesPEM: Data("x".utf8)))
        }
    }

    @Test func theLongestTimesAreTaken() async throws {
        let long = Duration.seconds(Int64.max)
        let configuration = Client.Configuration(
            endpoint: "http://127.0.0.1:9/api/pinning", connectTimeout: long, idleTimeout: long, callTimeout: long,
            retry: RetryPolicy(attempts: 1, baseDelay: long, maxDelay: long, budget: long))
        let client = try Client(credentials: keys, configuration: configuration)
        await #expect {
            try await client.pinBytes(Data("x".utf8), options: PinOptions(timeout: long))
        } throws: {
            ($0 as? PinningError)?.kind == .transport
        }
    }

    @Test func keysAreShownNowhere() async throws {
        var shown = "\(keys) \(String(reflecting: keys))"
        dump(keys, to: &shown)
        dump([keys: Optional(keys)], to: &shown)
        do {
            try await client().checkCredentials()
        } catch {
            shown += "\(error) \(String(reflecting: error)) \(error.localizedDescription)"
            dump(error, to: &shown)
        }
        #expect(shown.contains("[redacted]"))
        #expect(!shown.contains("API-KEY-ITSELF") && !shown.contains("SECRET-ITSELF"))
    }

    @Test func errorsSayWhatToDo() async throws {
        let service = try Service()
        let client = try service.client()
        let stranger = try Client(credentials: keys, configuration: Client.Configuration(endpoint: service.endpoint))
        let calls: [(PinningError.Kind, @Sendable () async throws -> Void)] = [
            (.notFound, { _ = try await client.getPin("0d4ab5ab-7d5e-4a5a-9d3a-6c3c8d1f9a11") }),
            (.authentication, { try await stranger.checkCredentials() }),
            (.localIO, { _ = try await client.pinFile(at: URL(fileURLWithPath: "/nowhere")) }),
            (.invalidInput, { _ = try await client.pinByCID("x") }),
            (.timeout, { _ = try await client.pinStream(Endless(), options: PinOptions(timeout: .milliseconds(50))) }),
            (.transport, { try await self.client().checkCredentials() }),
        ]
        for (kind, call) in calls {
            do {
                try await call()
                Issue.record("\(kind) succeeded")
            } catch let error as PinningError {
                #expect(error.kind == kind)
                #expect(error.localizedDescription == error.description && !error.description.isEmpty)
                #expect(error.failureReason == error.reason && error.recoverySuggestion?.isEmpty == false)
            }
        }
    }
}
