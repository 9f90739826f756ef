import Foundation
import W3pin

/// The service on this machine, with an account and no pins.
final class Service: Sendable {
    let endpoint: String
    private let program: Program
    private let folder: Folder

    init() throws {
        folder = try Folder()
        program = try Program(
            "w3pin",
            [
                "serve", "--json", "--listen", "127.0.0.1:0", "--data", folder.url.path,
                "--api-key", "KEY", "--secret-key", "SECRET",
            ])
        let said = try JSONDecoder().decode(JSON.self, from: Data(program.line.utf8))
        endpoint = said["endpoint"]?.text ?? ""
    }

    /// The URL of the service's gateway.
    var gateway: URL { URL(string: endpoint.replacingOccurrences(of: "/api/pinning", with: ""))! }

    func client() throws -> Client {
        try Client(
            credentials: Credentials(apiKey: "KEY", secretKey: "SECRET"),
            configuration: Client.Configuration(endpoint: endpoint))
    }
}

/// All pins there are.
func all(_ pins: Pins) async throws -> [Pin] {
    try await pins.reduce(into: []) { $0.append($1) }
}

/// A stream that never ends, in blocks of 64 KiB.
struct Endless: AsyncSequence, Sendable {
    /// Told how many blocks were given.
    var given: @Sendable (Int) -> Void = { _ in }

    func makeAsyncIterator() -> Iterator { Iterator(given: given) }

    struct Iterator: AsyncIteratorProtocol {
        let given: @Sendable (Int) -> Void
        var count = 0

        mutating func next() async throws -> Data? {
            count += 1
            given(count)
            return Data(repeating: 7, count: 65536)
        }
    }
}

/// A value that any thread may set, and that can be waited for until the test's time limit.
actor Signal<Value: Sendable> {
    private var value: Value?

    func set(_ value: Value) {
        self.value = self.value ?? value
    }

    func wait() async throws -> Value {
        while true {
            if let value { return value }
            try await Task.sleep(for: .milliseconds(5))
        }
    }
}
