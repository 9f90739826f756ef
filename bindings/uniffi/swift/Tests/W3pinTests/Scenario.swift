import Foundation
import FoundationNetworking
import W3pin

/// A scenario of the contract; see `crates/contract/README.md`.
struct Scenario: Sendable {
    let id: String
    let json: JSON

    static func all() throws -> [Scenario] {
        let folder = repository.appending(path: "crates/contract/scenarios")
        let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        return try files.sorted { $0.path < $1.path }.flatMap { file in
            (try JSON(file: file)["scenarios"]?.list ?? []).compactMap { json in
                json["id"]?.text.map { Scenario(id: $0, json: json) }
            }
        }
    }

    /// Runs it, and says what wasn't as expected.
    func run(server: String) async throws -> [String] {
        let folder = try Folder()
        try writeFiles(below: folder)
        let begun = try await fetch("\(server)/runs", post: id)
        guard let endpoint = begun["endpoint"]?.text, let run = begun["run"]?.text else {
            return ["it didn't begin: \(begun)"]
        }
        let variables = try variables(folder, endpoint)
        for (name, value) in variables { setenv(name, value, 1) }
        defer { for name in variables.keys { unsetenv(name) } }
        let call = ScenarioCall(scenario: self, folder: folder.url, endpoint: endpoint)
        var problems: [String] = []
        do {
            let result = JSON(result: try await call.result())
            if let expected = json["expect"]?["error"] {
                problems.append("it succeeded with \(result), and not with \(expected)")
            } else if let expected = json["expect"]?["result"] {
                compare(expected, result, "result", &problems)
            }
        } catch let error as PinningError {
            if case .object(var expected)? = json["expect"]?["error"] {
                if let says = expected.removeValue(forKey: "says")?.text,
                    !error.localizedDescription.contains(says)
                {
                    problems.append("\(error) doesn't hold \(says)")
                }
                compare(.object(expected), JSON(error: error), "error", &problems)
            } else {
                problems.append("it failed: \(error)")
            }
        }
        problems += call.progressProblems()
        let report = try await fetch("\(server)/runs/\(run)")
        return problems + (report["problems"]?.texts ?? ["the server reports nothing: \(report)"])
    }

    /// Whether the environment or the config file counts, so that it has to run alone.
    var isAlone: Bool { json["client"]?["environment"] != nil || json["client"]?["config"] != nil }

    private func variables(_ folder: Folder, _ endpoint: String) throws -> [String: String] {
        var variables = json["client"]?["environment"]?.pairs ?? [:]
        variables = variables.mapValues { $0.replacing("{endpoint}", with: endpoint) }
        if let config = json["client"]?["config"]?.text {
            let text = config.replacing("{endpoint}", with: endpoint)
            let file = try folder.write("config.toml", Data(text.utf8))
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file.path)
            variables["W3PIN_CONFIG"] = file.path
        }
        return variables
    }

    private func writeFiles(below folder: Folder) throws {
        for (name, given) in json["files"]?.object ?? [:] {
            let path = folder.url.appending(path: name)
            if name.hasSuffix("/") {
                try FileManager.default.createDirectory(at: path, withIntermediateDirectories: true)
            } else if let target = given["link_to"]?.text {
                try FileManager.default.createDirectory(
                    at: path.deletingLastPathComponent(), withIntermediateDirectories: true)
                try FileManager.default.createSymbolicLink(atPath: path.path, withDestinationPath: target)
            } else {
                _ = try folder.write(name, bytes(given))
            }
        }
    }
}

/// The bytes that a scenario writes as a text, or as one many times.
func bytes(_ given: JSON) -> Data {
    if let digits = given["hex"]?.text {
        let digits = Array(digits)
        let pairs = stride(from: 0, to: digits.count - 1, by: 2).map { String(digits[$0...($0 + 1)]) }
        return Data(pairs.compactMap { UInt8($0, radix: 16) })
    }
    let text = given.text ?? String(repeating: given["repeat"]?.text ?? "", count: given["times"]?.number ?? 0)
    return Data(text.utf8)
}

private func compare(_ expected: JSON, _ found: JSON?, _ at: String, _ problems: inout [String]) {
    let found = found ?? .null
    switch expected {
    case .text(let text) where text.hasPrefix("{contains:"):
        let part = text.dropFirst("{contains:".count).dropLast()
        if found.text?.contains(part) != true {
            problems.append("\(at): \(found) doesn't hold \(part)")
        }
    case .text(let text) where at.hasSuffix("pinned") && at.contains(".date_"):
        // Foundation's dates are less exact than the service's.
        let seconds = text.replacing(/\.\d+/, with: "")
        let date = try? Date(seconds, strategy: .iso8601)
        let whole = found.number.map { $0 / 1000 }
        if date == nil || whole != date.map({ Int($0.timeIntervalSince1970) }) {
            problems.append("\(at): \(found) isn't \(text)")
        }
    case .list(let items):
        guard case .list(let others) = found, others.count == items.count else {
            problems.append("\(at): \(found) isn't \(expected)")
            return
        }
        for (index, (item, other)) in zip(items, others).enumerated() {
            compare(item, other, "\(at)[\(index)]", &problems)
        }
    case .object(let fields):
        for (key, value) in fields {
            compare(value, found.object[key], "\(at).\(key)", &problems)
        }
    default:
        if expected != found {
            problems.append("\(at): \(found) isn't \(expected)")
        }
    }
}

func fetch(_ url: String, post body: String? = nil) async throws -> JSON {
    guard let url = URL(string: url) else { throw URLError(.badURL) }
    var request = URLRequest(url: url)
    if let body {
        request.httpMethod = "POST"
        request.httpBody = Data(body.utf8)
    }
    let (data, _) = try await URLSession.shared.data(for: request)
    return try JSONDecoder().decode(JSON.self, from: data)
}
