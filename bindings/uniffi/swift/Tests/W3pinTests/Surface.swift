import Foundation
import W3pin

/// What the package has, documented as the compiler knows it.
struct Surface: Encodable {
    let operations: [String: Operation]
    let client: [String: Found]
    let retry: [String: Found]
    let types: [String: [String: Found]]
    let words: [String: [String: Found]]
    let errorKinds: [String: Found]
    let errorFields: [String: Found]

    struct Operation: Encodable {
        let doc: String
        let takes: [String: Found]
    }

    struct Found: Encodable {
        let doc: String
        var type: String?
    }

    private enum CodingKeys: String, CodingKey {
        case operations, client, retry, types, words
        case errorKinds = "error_kinds"
        case errorFields = "error_fields"
    }

    /// What only Swift has: other ways to be told of progress.
    private static let own: Set = ["progressUpdates", "foundationProgress"]
    /// What protocols of Swift and Foundation ask for.
    private static let ofProtocols: Set = [
        "customMirror", "debugDescription", "description", "errorDescription", "failureReason", "recoverySuggestion",
    ]
    /// `Progress` is a class of Foundation, and initials are written in capitals.
    private static let names = ["Progress": "UploadProgress", "PackedCar": "PackedCAR"]
    private static let types = [
        "Pin", "Page", "UnreadablePin", "Totals", "Verification", "Progress", "PreparedUpload", "UploadPreview",
        "PreviewedFile", "Proof", "Root", "PackedCar", "Node", "FolderEntry", "Fetched", "FetchProgress", "Synced",
    ]

    static func read() throws -> Surface {
        let symbols = try Symbol.all()

        func fields(_ path: [String], but left: Set<String> = own) -> [String: Found] {
            let found = symbols.filter {
                $0.above == path && !left.contains($0.name)
                    && ($0.kind == "swift.property" || $0.name == "gatewayURL")
            }
            return Dictionary(found.map { ($0.name, Found(doc: $0.doc, type: $0.type)) }) { first, _ in first }
        }

        func takes(_ symbol: Symbol) -> [(String, Found)] {
            symbol.parameters.flatMap { parameter in
                if parameter.type.hasSuffix("Options") { return fields([parameter.type]).map { ($0, $1) } }
                return [(parameter.name, Found(doc: symbol.doc(of: parameter.name), type: parameter.type))]
            }
        }

        let calls = symbols.filter {
            ($0.kind == "swift.method" && [["PinningClient"], ["ContentRetriever"]].contains($0.above)
                && !["close", "retriever"].contains($0.name) && $0.isRequirement)
                || $0.kind == "swift.func"
        }
        let operations = Dictionary(grouping: calls, by: \.name).mapValues { overloads in
            Operation(
                doc: overloads.map(\.doc).joined(separator: "\n\n"),
                takes: Dictionary(overloads.flatMap(takes)) { first, second in
                    let types = Set([first.type, second.type].compactMap(\.self))
                    return Found(doc: first.doc, type: types.sorted().joined(separator: " | "))
                })
        }
        let initialiser = symbols.first { $0.kind == "swift.init" && $0.above == ["Client"] }
        let credentials = initialiser.map { takes($0).filter { ["credentials", "token"].contains($0.0) } } ?? []
        let errorFields = fields(["PinningError"], but: ofProtocols)
        return Surface(
            operations: operations,
            client: fields(["Client", "Configuration"]).merging(credentials) { first, _ in first },
            retry: fields(["RetryPolicy"]),
            types: Dictionary(uniqueKeysWithValues: types.map { ($0, fields([names[$0] ?? $0], but: ofProtocols)) }),
            words: words(symbols),
            errorKinds: cases(of: ["PinningError", "Kind"], symbols) { PinningError.Kind(named: $0)?.rawValue },
            errorFields: errorFields)
    }

    private static func words(_ symbols: [Symbol]) -> [String: [String: Found]] {
        let profiles = [
            "unixfs2015": Profile.unixfs2015, "unixfs2025": .unixfs2025, "kuboCIDv1Legacy": .kuboCIDv1Legacy,
        ]
        let orders = ["ascending": "asc", "descending": "desc"]
        return [
            "verify": cases(of: ["Verify"], symbols),
            "symlinks": cases(of: ["Symlinks"], symbols),
            "symlink_policy": cases(of: ["SymlinkPolicy"], symbols),
            "pinned": cases(of: ["Pinned"], symbols),
            "sort_by": cases(of: ["SortBy"], symbols),
            "sort_order": cases(of: ["SortOrder"], symbols) { orders[$0] },
            "profile": cases(of: ["Profile"], symbols) { profiles[$0]?.rawValue },
        ]
    }

    private static func cases(
        of path: [String], _ symbols: [Symbol], word: (String) -> String? = { $0 }
    ) -> [String: Found] {
        let found = symbols.filter {
            $0.above == path && ["swift.enum.case", "swift.type.property"].contains($0.kind)
        }
        return Dictionary(found.compactMap { symbol in word(symbol.name).map { ($0, Found(doc: symbol.doc)) } }) {
            first, _ in first
        }
    }
}

extension PinningError.Kind {
    fileprivate init?(named name: String) {
        guard let kind = Self.allCases.first(where: { "\($0)" == name }) else { return nil }
        self = kind
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
    /// The type of a property.
    let type: String?
    /// All of its documentation.
    private let lines: [String]
    let isRequirement: Bool

    var isDocumented: Bool { !lines.isEmpty }

    /// The documentation of the whole.
    var doc: String { lines.prefix { !$0.hasPrefix("- Parameter") }.joined(separator: "\n") }

    /// The documentation of a parameter.
    func doc(of parameter: String) -> String {
        let starts = ["- \(parameter): ", "- Parameter \(parameter): "]
        guard let first = lines.firstIndex(where: { line in starts.contains { line.trimmed.hasPrefix($0) } })
        else { return "" }
        let rest = lines[(first + 1)...].prefix { !$0.trimmed.hasPrefix("- ") }
        return ([lines[first]] + rest).joined(separator: "\n")
    }

    /// Reads what `swift package dump-symbol-graph` wrote.
    static func all() throws -> [Symbol] {
        guard let path = ProcessInfo.processInfo.environment["W3PIN_SYMBOLS"] else {
            throw CocoaError(
                .fileNoSuchFile,
                userInfo: [NSLocalizedDescriptionKey: "W3PIN_SYMBOLS must name the symbol graph; run test.sh"])
        }
        let graph = try JSON(file: URL(fileURLWithPath: path))
        let required = (graph["relationships"]?.list ?? []).filter { $0["kind"]?.text == "requirementOf" }
        let requirements = Set(required.compactMap { $0["source"]?.text })
        return graph["symbols"]?.list.map { Symbol(json: $0, requirements) } ?? []
    }

    private init(json: JSON, _ requirements: Set<String>) {
        let path = json["pathComponents"]?.texts ?? []
        kind = json["kind"]?["identifier"]?.text ?? ""
        name = path.last?.prefix { $0 != "(" }.description ?? ""
        above = path.dropLast()
        lines = json["docComment"]?["lines"]?.list.compactMap { $0["text"]?.text } ?? []
        isRequirement = json["identifier"]?["precise"]?.text.map(requirements.contains) ?? false
        type = kind == "swift.property" ? Self.type(in: json["declarationFragments"]) : nil
        parameters = (json["functionSignature"]?["parameters"]?.list ?? []).map { parameter in
            let name = parameter["internalName"]?.text ?? parameter["name"]?.text ?? ""
            return (name, Self.type(in: parameter["declarationFragments"]) ?? "")
        }
    }

    /// What stands after the first colon.
    private static func type(in fragments: JSON?) -> String? {
        let text = (fragments?.list ?? []).compactMap { $0["spelling"]?.text }.joined()
        guard let colon = text.firstIndex(of: ":") else { return nil }
        return text[text.index(after: colon)...].prefix { $0 != "{" }.description.trimmed
    }
}

extension String {
    fileprivate var trimmed: String { trimmingCharacters(in: .whitespaces) }
}
