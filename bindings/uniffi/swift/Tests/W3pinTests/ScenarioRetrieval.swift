import Foundation
import W3pin

/// The call of a scenario that reads back.
struct ScenarioRetrieval: Sendable {
    let json: JSON
    let folder: URL
    let endpoint: String
    private let told = News<FetchProgress>()

    init(json: JSON, folder: URL, endpoint: String) {
        self.json = json
        self.folder = folder
        self.endpoint = endpoint
    }

    private var options: JSON { json["options"] ?? .null }

    /// What the call gives, where it reads back.
    func result() async throws -> (any Sendable)? {
        let operation = json["operation"]?.text ?? ""
        guard ["resolve", "read", "stream", "open", "list", "fetch"].contains(operation) else { return nil }
        let (retriever, path) = (try retriever(), json["arguments"]?["path"]?.text ?? "")
        let part = ReadOptions(start: number("start") ?? 0, end: number("end"), mostBytes: number("most_bytes"))
        switch operation {
        case "resolve": return try await retriever.resolve(path)
        case "read": return text(try await retriever.read(path, options: part))
        case "stream":
            return text(try await retriever.stream(path, options: part).reduce(into: Data()) { $0 += $1 })
        case "open":
            let file = try await retriever.open(path)
            // As much as others ask for at first.
            let content = try await file.data(in: 0..<1 << 20)
            return Opened(size: file.size, bytes: String(decoding: content, as: UTF8.self))
        case "list": return try await retriever.list(path).reduce(into: [FolderEntry]()) { $0.append($1) }
        default:
            let destination = folder.appending(path: json["arguments"]?["destination"]?.text ?? "")
            let fetched = try await retriever.fetch(path, to: destination, options: fetch())
            return OnDisk(
                cid: fetched.cid, files: fetched.files, bytes: fetched.bytes, bytesFetched: fetched.bytesFetched,
                disk: try onDisk(destination, name: ""))
        }
    }

    /// What is wrong with the progress of a fetch, where it is asked for.
    func progressProblems() -> [String] {
        guard options["on_progress"] != nil else { return [] }
        guard let last = told.all.last else { return ["no progress is told"] }
        let result = json["expect"]?["result"]
        let isWhole = Int(last.bytes) == result?["bytes"]?.number && Int(last.files) == result?["files"]?.number
        return isWhole ? [] : ["progress ends with \(last)"]
    }

    private func retriever() throws -> Retriever {
        let gateway = endpoint.replacing("/api/pinning", with: "")
        let gateways = json["client"]?["gateways"]?.texts ?? ["{gateway}"]
        return try Retriever(
            configuration: Retriever.Configuration(
                gateways: gateways.compactMap { URL(string: $0.replacing("{gateway}", with: gateway)) },
                environment: false,
                retry: RetryPolicy(attempts: json["client"]?["attempts"])))
    }

    private func fetch() throws -> FetchOptions {
        FetchOptions(
            overwrite: options["overwrite"]?.flag ?? false,
            concurrency: options["concurrency"]?.number ?? 4,
            symlinks: try options["symlinks"]?.text.map(SymlinkPolicy.init(word:)) ?? .inside,
            mostBytes: number("most_bytes"),
            mostEntries: number("most_entries"),
            onProgress: options["on_progress"] == nil ? nil : { @Sendable [told] in told.append($0) })
    }

    private func number(_ name: String) -> Int64? { options[name]?.number.map(Int64.init) }

    private func text(_ bytes: Data) -> [String: String] { ["bytes": String(decoding: bytes, as: UTF8.self)] }

    /// The files written, by their path below the destination; that of the destination itself is empty.
    private func onDisk(_ path: URL, name: String) throws -> [String: String] {
        let files = FileManager.default
        if let target = try? files.destinationOfSymbolicLink(atPath: path.path) { return [name: "-> \(target)"] }
        guard let entries = try? files.contentsOfDirectory(atPath: path.path) else {
            return [name: try String(contentsOf: path, encoding: .utf8)]
        }
        return try entries.reduce(into: [:]) { found, entry in
            let below = name.isEmpty ? entry : "\(name)/\(entry)"
            found.merge(try onDisk(path.appending(path: entry), name: below)) { first, _ in first }
        }
    }
}

private struct Opened {
    let size: Int64
    let bytes: String
}

private struct OnDisk {
    let cid: String
    let files: Int64
    let bytes: Int64
    let bytesFetched: Int64
    let disk: [String: String]
}

/// What a listener was told.
final class News<Progress: Sendable>: @unchecked Sendable {
    private let lock = NSLock()
    private var list: [Progress] = []

    var all: [Progress] { lock.withLock { list } }

    func append(_ progress: Progress) {
        lock.withLock { list.append(progress) }
    }
}
