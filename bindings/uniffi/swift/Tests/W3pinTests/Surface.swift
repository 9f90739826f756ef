import Foundation

/// What the package has, as the compiler knows it.
struct Surface: Encodable {
    let operations: [String: Set<String>]
    let client: Set<String>
    let types: [String: Set<String>]
    let errorKinds: Set<String>
    let errorFields: Set<String>

    private enum CodingKeys: String, CodingKey {
        case operations, client, types
        case errorKinds = "error_kinds"
        case errorFields = "error_fields"
    }

    /// What only Swift has: another way to be told of progress, and a limit on calls that have none elsewhere.
    private static let own: Set = ["progressUpdates", "insecureHTTP"]
    /// What every error of Foundation has.
    private static let ofErrors: Set = ["description", "errorDescription", "failureReason", "recoverySuggestion"]
    /// `Progress` is a class of Foundation.
    private static let names = ["Progress": "UploadProgress"]

    static func read() throws -> Surface {
        let symbols = try Symbol.all()
        func fields(_ path: [String]) -> Set<String> {
            Set(symbols.filter { $0.kind == "swift.property" && $0.above == path }.map(\.name)).subtracting(own)
        }
        let calls = symbols.filter {
            ($0.kind == "swift.method" && $0.above == ["Client"] && $0.name != "close") || $0.kind == "swift.func"
        }
        let operations = calls.map { call in
            let takes = call.parameters.flatMap { name, type in
                name == "options" ? Array(fields([type])) : [name]
            }
            return (call.name, Set(takes))
        }
        let types = ["Pin", "Page", "Totals", "Verification", "Progress", "Root", "Proof"]
        let kinds = symbols.filter { $0.kind == "swift.enum.case" && $0.above == ["PinningError", "Kind"] }
        return Surface(
            operations: Dictionary(operations) { $0.union($1) },
            client: fields(["Client", "Configuration"]).union(
                symbols.filter { $0.kind == "swift.init" && $0.above == ["Client"] }
                    .flatMap(\.parameters).map(\.name).filter { $0 != "configuration" }),
            types: Dictionary(uniqueKeysWithValues: types.map { ($0, fields([names[$0] ?? $0])) }),
            errorKinds: Set(kinds.map { snake($0.name) }),
            errorFields: fields(["PinningError"]).subtracting(ofErrors))
    }
}

/// A public declaration of the package.
struct Symbol {
    let kind: String
    /// The name without labels.
    let name: String
    /// What it is declared in.
    let above: [String]
    /// The names that parameters have within, with their types.
    let parameters: [(name: String, type: String)]
    let isDocumented: Bool

    /// Reads what `swift package dump-symbol-graph` wrote.
    static func all() throws -> [Symbol] {
        guard let path = ProcessInfo.processInfo.environment["W3PIN_SYMBOLS"] else {
            throw CocoaError(
                .fileNoSuchFile,
                userInfo: [NSLocalizedDescriptionKey: "W3PIN_SYMBOLS must name the symbol graph; run test.sh"])
        }
        return try JSON(file: URL(fileURLWithPath: path))["symbols"]?.list.map(Symbol.init(json:)) ?? []
    }

    private init(json: JSON) {
        let path = json["pathComponents"]?.texts ?? []
        kind = json["kind"]?["identifier"]?.text ?? ""
        name = path.last?.prefix { $0 != "(" }.description ?? ""
        above = path.dropLast()
        isDocumented = json["docComment"] != nil
        parameters = (json["functionSignature"]?["parameters"]?.list ?? []).map { parameter in
            let fragments = parameter["declarationFragments"]?.list ?? []
            let type = fragments.last { $0["kind"]?.text == "typeIdentifier" }?["spelling"]?.text
            return (parameter["internalName"]?.text ?? parameter["name"]?.text ?? "", type ?? "")
        }
    }
}
