import Foundation
import W3pin

/// The call that a scenario makes.
struct ScenarioCall: Sendable {
    let scenario: Scenario
    let folder: URL
    let endpoint: String
    private let told = Told()

    init(scenario: Scenario, folder: URL, endpoint: String) {
        self.scenario = scenario
        self.folder = folder
        self.endpoint = endpoint
    }

    private var arguments: JSON { scenario.json["arguments"] ?? .null }
    private var options: JSON { scenario.json["options"] ?? .null }

    /// What the call gives.
    func result() async throws -> any Sendable {
        let client = try client()
        let name = scenario.json["operation"]?.text ?? ""
        let path = folder.appending(path: arguments["path"]?.text ?? "")
        let hidden = options["hidden"]?.flag ?? false
        let symlinks = options["symlinks"]?.text.map(Symlinks.init(rawValue:))
        let id = arguments["id"]?.text ?? ""
        let cid = arguments["cid"]?.text ?? ""
        let concurrency = arguments["concurrency"]?.number
        switch name {
        case "pin_file": return try await client.pinFile(at: path, options: pin)
        case "pin_folder":
            return try await client.pinFolder(at: path, hidden: hidden, symlinks: symlinks, options: pin)
        case "pin_path":
            return try await client.pinPath(at: path, hidden: hidden, symlinks: symlinks, options: pin)
        case "pin_bytes": return try await client.pinBytes(content(arguments["bytes"] ?? .null), options: pin)
        case "pin_json": return try await client.pinJSON(arguments["value"] ?? .null, options: pin)
        case "pin_stream":
            let parts = arguments["stream"]?.texts ?? []
            let stream = AsyncStream { continuation in
                for part in parts { continuation.yield(Data(part.utf8)) }
                continuation.finish()
            }
            return try await client.pinStream(stream, options: pin)
        case "pin_by_cid": return try await client.pinByCID(cid, options: pinByCID)
        case "get_pin": return try await client.getPin(id)
        case "list_pins": return try await client.listPins(list)
        case "pins": return try await client.pins(list).reduce(into: []) { $0.append($1) }
        case "unpin": return try await client.unpin(id)
        case "wait_until_pinned":
            return try await client.waitUntilPinned(
                id,
                deadline: options["deadline"]?.milliseconds ?? .seconds(10),
                firstDelay: options["first_delay"]?.milliseconds ?? .milliseconds(1),
                maxDelay: options["max_delay"]?.milliseconds ?? .milliseconds(5))
        case "check_credentials": return try await client.checkCredentials()
        case "pin_files":
            let paths = (arguments["paths"]?.texts ?? []).map { folder.appending(path: $0) }
            return try await client.pinFiles(
                at: paths, concurrency: concurrency, hidden: hidden, symlinks: symlinks, options: pin)
        case "pin_cids":
            let cids = arguments["cids"]?.texts ?? []
            return try await client.pinCIDs(cids, concurrency: concurrency, options: pinByCID)
        case "unpin_many":
            return try await client.unpinMany(arguments["ids"]?.texts ?? [], concurrency: concurrency)
        case "compute_cid":
            return try await computeCID(at: path, profile: profile(options), hidden: hidden, symlinks: symlinks)
        case "verify":
            if let bytes = arguments["content"]?["bytes"] {
                return try await client.verify(content(bytes), cid: cid, gateway: gateway)
            }
            let path = folder.appending(path: arguments["content"]?["path"]?.text ?? "")
            return try await client.verify(
                contentAt: path, cid: cid, gateway: gateway, hidden: hidden, symlinks: symlinks)
        default: throw CocoaError(.featureUnsupported)
        }
    }

    /// What is wrong with the progress that was told, where it is asked for.
    func progressProblems() -> [String] {
        guard options["progress"] != nil else { return [] }
        let all = told.all
        let sent = all.map(\.bytesSent)
        guard let last = all.last else { return ["no progress is told"] }
        var problems: [String] = []
        if sent != sent.sorted() { problems.append("progress falls: \(sent)") }
        if last.bytesSent != last.bytesTotal { problems.append("progress doesn't end with all bytes: \(last)") }
        return problems
    }

    private func client() throws -> Client {
        let settings = scenario.json["client"] ?? .null
        return try Client(
            credentials: Credentials(
                apiKey: settings["api_key"]?.text ?? "CONTRACT-KEY", secretKey: "CONTRACT-SECRET"),
            configuration: Client.Configuration(
                endpoint: settings["endpoint"]?.text ?? endpoint,
                profile: profile(settings),
                idleTimeout: settings["idle_timeout"]?.milliseconds,
                callTimeout: settings["call_timeout"]?.milliseconds,
                retry: retry(attempts: settings["attempts"])))
    }

    private var pin: PinOptions {
        PinOptions(
            name: options["name"]?.text,
            keyvalues: options["keyvalues"]?.pairs ?? [:],
            profile: profile(options),
            verify: options["verify"]?.text.map(Verify.init(rawValue:)),
            skipIfPinned: options["skip_if_pinned"]?.flag ?? false,
            progress: options["progress"] == nil ? nil : { @Sendable [told] in told.append($0) },
            timeout: options["timeout"]?.milliseconds,
            retry: options["retry"].map { retry(attempts: $0["attempts"]) })
    }

    private var pinByCID: PinByCIDOptions {
        PinByCIDOptions(
            name: options["name"]?.text,
            keyvalues: options["keyvalues"]?.pairs ?? [:],
            skipIfPinned: options["skip_if_pinned"]?.flag ?? false,
            timeout: options["timeout"]?.milliseconds,
            retry: options["retry"].map { retry(attempts: $0["attempts"]) })
    }

    private var list: ListOptions {
        ListOptions(
            offset: options["offset"]?.number,
            limit: options["limit"]?.number,
            pinned: options["pinned"]?.text.map(ListOptions.Pinned.init(rawValue:)),
            sortBy: options["sort_by"]?.text.map(ListOptions.SortBy.init(rawValue:)),
            sortOrder: options["sort_order"]?.text.map(ListOptions.SortOrder.init(rawValue:)),
            keyvalues: options["keyvalues"]?.pairs ?? [:])
    }

    private var gateway: URL? {
        let origin = endpoint.replacing("/api/pinning", with: "")
        return (options["gateway"]?.text?.replacing("{gateway}", with: origin)).flatMap(URL.init(string:))
    }

    private func profile(_ settings: JSON) -> Profile? {
        settings["profile"]?.text.map(Profile.init(rawValue:))
    }

    private func retry(attempts: JSON?) -> RetryPolicy {
        RetryPolicy(attempts: attempts?.number, baseDelay: .milliseconds(1), maxDelay: .milliseconds(5))
    }
}

/// The progress that a listener was told.
final class Told: @unchecked Sendable {
    private let lock = NSLock()
    private var updates: [UploadProgress] = []

    var all: [UploadProgress] { lock.withLock { updates } }

    func append(_ progress: UploadProgress) {
        lock.withLock { updates.append(progress) }
    }
}
