import Foundation
import FoundationNetworking
import W3pin

/// The call that a scenario makes.
struct ScenarioCall: Sendable {
    let scenario: Scenario
    let folder: URL
    let endpoint: String
    private let told = Told()
    private let retrieval: ScenarioRetrieval

    init(scenario: Scenario, folder: URL, endpoint: String) {
        retrieval = ScenarioRetrieval(json: scenario.json, folder: folder, endpoint: endpoint)
        self.scenario = scenario
        self.folder = folder
        self.endpoint = endpoint
    }

    private var arguments: JSON { scenario.json["arguments"] ?? .null }
    private var id: String { arguments["id"]?.text ?? "" }
    private var cid: String { arguments["cid"]?.text ?? "" }
    private var ids: [String] { arguments["ids"]?.texts ?? [] }
    private var options: ScenarioOptions { ScenarioOptions(scenario.json["options"] ?? .null, told) }

    /// What the call gives.
    func result() async throws -> any Sendable {
        if let result = try await retrieval.result() { return result }
        let (client, pin, options) = (try client(), try options.pin, options)
        let (file, walk, concurrency) = (options.file, try options.walk, options.concurrency)
        switch scenario.json["operation"]?.text ?? "" {
        case "pin_file": return try await client.pinFile(at: path("path"), options: pin, file: file)
        case "pin_car": return try await client.pinCAR(at: path("path"), options: pin)
        case "pin_folder":
            if let files = arguments["folder"]?["files"] {
                return try await client.pinFolder(contents(files), options: pin, walk: walk)
            }
            return try await client.pinFolder(at: path("folder"), options: pin, walk: walk)
        case "sync_folder":
            let (name, sync) = (arguments["name"]?.text ?? "", options.sync(endpoint))
            if let files = arguments["folder"]?["files"] {
                return try await client.syncFolder(contents(files), name: name, options: sync, walk: walk)
            }
            return try await client.syncFolder(at: path("folder"), name: name, options: sync, walk: walk)
        case "pin_path": return try await client.pinPath(at: path("path"), options: pin, file: file, walk: walk)
        case "pin_bytes":
            return try await client.pinBytes(bytes(arguments["bytes"] ?? .null), options: pin, file: file)
        case "pin_json": return try await client.pinJSON(arguments.object["value"] ?? .null, options: pin, file: file)
        case "pin_stream":
            let parts = arguments["stream"]?.texts ?? []
            let stream = AsyncStream { continuation in
                for part in parts { continuation.yield(Data(part.utf8)) }
                continuation.finish()
            }
            return try await client.pinStream(stream, options: pin, file: file, length: options.length)
        case "pin_by_cid": return try await client.pinByCID(cid, options: options.pinByCID)
        case "get_pin": return try await client.getPin(id)
        case "list_pins": return try await client.listPins(options.list)
        case "pins": return try await all(client.pins(options.list))
        case "unpin": return try await client.unpin(id)
        case "wait_until_pinned":
            return try await client.waitUntilPinned(
                id,
                deadline: options.time("deadline") ?? .seconds(10),
                firstDelay: options.time("first_delay") ?? .milliseconds(1),
                maxDelay: options.time("max_delay") ?? .milliseconds(5))
        case "check_credentials": return try await client.checkCredentials()
        case "pin_files":
            return try await client.pinFiles(
                fileItems, options: pin, file: file, walk: walk, concurrency: concurrency)
        case "pin_files_as_completed":
            return try await inOrder(
                client.pinFilesAsCompleted(fileItems, options: pin, file: file, walk: walk, concurrency: concurrency))
        case "pin_cids": return try await client.pinCIDs(cidItems, options: options.pinByCID, concurrency: concurrency)
        case "pin_cids_as_completed":
            return try await inOrder(
                client.pinCIDsAsCompleted(cidItems, options: options.pinByCID, concurrency: concurrency))
        case "unpin_many": return try await client.unpinMany(ids, concurrency: concurrency)
        case "unpin_many_as_completed":
            return try await inOrder(client.unpinManyAsCompleted(ids, concurrency: concurrency))
        case "prepare_upload":
            let upload = try await client.prepareUpload(
                content("content"), body: path("body"), options: options.prepare, file: file, walk: walk)
            let (status, response) = try await send(upload)
            return try await client.finishUpload(kept(upload), status: status, response: response)
        case "finish_upload":
            let upload = try await client.prepareUpload(
                content("upload"), body: folder.appending(path: "body"), options: options.prepare, file: file,
                walk: walk)
            return try await client.finishUpload(
                upload, status: arguments["status"]?.number ?? 0,
                response: Data((arguments["response"]?.text ?? "").utf8))
        case "preview_upload":
            return try await previewUpload(
                of: content("content"), name: options.text("name"), profile: options.profile ?? .kuboCIDv1Legacy,
                walk: walk)
        case "compute_cid":
            return try await computeCID(
                of: content("content"), profile: options.profile ?? .kuboCIDv1Legacy,
                emptyFolders: options.flag("empty_folders", unset: true), walk: walk)
        case "pack_car":
            let packed = try await packCAR(
                content("content"), to: path("destination"), profile: options.profile ?? .kuboCIDv1Legacy,
                emptyFolders: options.flag("empty_folders", unset: true), walk: walk)
            guard try Data(contentsOf: path("destination")).count == packed.bytes else {
                throw CocoaError(.fileReadCorruptFile)
            }
            return packed
        case "verify":
            let gateway = options.text("gateway")?
                .replacing("{gateway}", with: endpoint.replacing("/api/pinning", with: ""))
            return try await verify(
                content("content"), cid: cid, gateway: gateway.flatMap(URL.init(string:)), walk: walk)
        default: throw CocoaError(.featureUnsupported)
        }
    }

    /// What is wrong with the progress that was told, where it is asked for.
    func progressProblems() -> [String] {
        let ofRetrieval = retrieval.progressProblems()
        guard ofRetrieval.isEmpty else { return ofRetrieval }
        guard scenario.json["options"]?["progress"] != nil else { return [] }
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
        let isOpen = settings["left_open"]?.flag ?? false
        let token = settings["token"]?.text
        let apiKey = settings["api_key"]?.text ?? (isOpen || token != nil ? nil : "CONTRACT-KEY")
        // Keys are passed in pairs, so both are set if a scenario sets one.
        let secretKey = isOpen ? settings["environment"]?["W3PIN_SECRET_KEY"]?.text : "CONTRACT-SECRET"
        return try Client(
            credentials: apiKey.map { Credentials(apiKey: $0, secretKey: secretKey ?? "") },
            token: token,
            configuration: Client.Configuration(
                api: settings["api"]?.text,
                endpoint: settings["endpoint"]?.text ?? (isOpen ? nil : endpoint),
                insecureHTTP: settings["insecure_http"]?.flag,
                profile: settings["profile"]?.text.map(Profile.init(rawValue:)),
                idleTimeout: settings["idle_timeout"]?.milliseconds,
                callTimeout: settings["call_timeout"]?.milliseconds,
                retry: RetryPolicy(attempts: settings["attempts"])))
    }

    /// Sends a prepared upload by Foundation's own HTTP client.
    private func send(_ upload: PreparedUpload) async throws -> (Int, Data) {
        var request = URLRequest(url: upload.url)
        request.httpMethod = upload.method
        request.allHTTPHeaderFields = upload.headers
        let (data, response) = try await URLSession.shared.upload(for: request, fromFile: upload.body)
        return ((response as? HTTPURLResponse)?.statusCode ?? 0, data)
    }

    /// It may be kept until the response arrives.
    private func kept(_ upload: PreparedUpload) throws -> PreparedUpload {
        let json = try JSONEncoder().encode(upload)
        var shown = String(decoding: json, as: UTF8.self) + "\(upload)"
        dump(upload, to: &shown)
        guard !shown.contains("CONTRACT-") else { throw CocoaError(.coderInvalidValue) }
        return try JSONDecoder().decode(PreparedUpload.self, from: json)
    }

    private func inOrder<Value>(_ batch: Completions<Value>) async throws -> [Result<Value, PinningError>] {
        var all: [Completed<Value>] = []
        for try await completed in batch { all.append(completed) }
        return all.sorted { $0.index < $1.index }.map(\.result)
    }

    private func content(_ name: String) -> Content {
        let given = arguments[name] ?? .null
        if let text = given["path"]?.text { return .path(path(named: text)) }
        if let content = given["bytes"] { return .bytes(bytes(content)) }
        return .files(contents(given["files"] ?? .null))
    }

    private func contents(_ files: JSON) -> [String: Data] { files.object.mapValues(bytes) }

    private var fileItems: [FileItem] {
        (arguments["items"]?.list ?? []).map { item in
            let path = folder.appending(path: item.text ?? item["path"]?.text ?? "")
            return FileItem(at: path, name: item["name"]?.text, keyvalues: item["keyvalues"]?.pairs ?? [:])
        }
    }

    private var cidItems: [CIDItem] {
        (arguments["items"]?.list ?? []).map { item in
            CIDItem(
                item.text ?? item["cid"]?.text ?? "", name: item["name"]?.text,
                keyvalues: item["keyvalues"]?.pairs ?? [:])
        }
    }

    private func path(_ name: String) -> URL { path(named: arguments[name]?.text ?? "") }

    /// A path that is empty on purpose isn't joined.
    private func path(named text: String) -> URL {
        text.isEmpty ? URL(string: "file:")! : folder.appending(path: text)
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
