import Foundation
import W3pin

/// A JSON value.
enum JSON: Sendable, Hashable {
    case null
    case flag(Bool)
    case integer(Int64)
    case number(Double)
    case text(String)
    case list([JSON])
    case object([String: JSON])
}

extension JSON: Codable {
    init(from decoder: any Decoder) throws {
        let value = try decoder.singleValueContainer()
        self =
            if value.decodeNil() {
                .null
            } else if let flag = try? value.decode(Bool.self) {
                .flag(flag)
            } else if let integer = try? value.decode(Int64.self) {
                .integer(integer)
            } else if let number = try? value.decode(Double.self) {
                .number(number)
            } else if let text = try? value.decode(String.self) {
                .text(text)
            } else if let list = try? value.decode([JSON].self) {
                .list(list)
            } else {
                .object(try value.decode([String: JSON].self))
            }
    }

    func encode(to encoder: any Encoder) throws {
        var value = encoder.singleValueContainer()
        switch self {
        case .null: try value.encodeNil()
        case .flag(let flag): try value.encode(flag)
        case .integer(let integer): try value.encode(integer)
        case .number(let number): try value.encode(number)
        case .text(let text): try value.encode(text)
        case .list(let list): try value.encode(list)
        case .object(let object): try value.encode(object)
        }
    }

    init(file: URL) throws {
        self = try JSONDecoder().decode(JSON.self, from: Data(contentsOf: file))
    }
}

extension JSON {
    /// The value at a key; `nil` if there is none.
    subscript(key: String) -> JSON? {
        guard case .object(let object) = self, let value = object[key], value != .null else { return nil }
        return value
    }

    var object: [String: JSON] {
        if case .object(let object) = self { object } else { [:] }
    }

    var list: [JSON] {
        if case .list(let list) = self { list } else { [] }
    }

    var text: String? {
        if case .text(let text) = self { text } else { nil }
    }

    var number: Int? {
        if case .integer(let number) = self { Int(number) } else { nil }
    }

    var flag: Bool? {
        if case .flag(let flag) = self { flag } else { nil }
    }

    var texts: [String] { list.compactMap(\.text) }

    var pairs: [String: String] { object.compactMapValues(\.text) }

    var milliseconds: Duration? { number.map { .milliseconds($0) } }
}

extension JSON {
    /// A result of the package in the contract's format: names in snake case, dates in milliseconds.
    init(result: Any) {
        self =
            switch result {
            case let text as String: .text(text)
            case let flag as Bool: .flag(flag)
            case let number as Int64: .integer(number)
            case let date as Date: .integer(Int64((date.timeIntervalSince1970 * 1000).rounded(.down)))
            case let pairs as [String: String]: .object(pairs.mapValues(JSON.text))
            case let list as [Any]: .list(list.map(JSON.init(result:)))
            case let word as any RawRepresentable<String>: .text(word.rawValue)
            case let pin as Result<Pin, PinningError>: Self.outcome(pin.map(JSON.init(result:)))
            case let end as Result<Void, PinningError>: Self.outcome(end.map { .null })
            case let url as URL: .text(url.isFileURL ? url.path : url.absoluteString)
            case is Void: .null
            default: Self.fields(of: Mirror(reflecting: result))
            }
    }

    /// An error in the contract's format.
    init(error: PinningError) {
        let time = error.retryAfter.map { $0 / .milliseconds(1) }
        self = .object([
            "kind": .text(error.kind.rawValue),
            "status": error.status.map { .integer(Int64($0)) } ?? .null,
            "field": error.field.map(JSON.text) ?? .null,
            "path": error.path.map(JSON.text) ?? .null,
            "service_message": error.serviceMessage.map(JSON.text) ?? .null,
            "body_excerpt": error.bodyExcerpt.map(JSON.text) ?? .null,
            "retry_after": time.map { .integer(Int64($0)) } ?? .null,
            "retryable": .flag(error.isRetryable),
            "outcome_unknown": .flag(error.isOutcomeUnknown),
            "expected_cid": error.expectedCID.map(JSON.text) ?? .null,
            "returned_cid": error.returnedCID.map(JSON.text) ?? .null,
        ])
    }

    private static func outcome(_ outcome: Result<JSON, PinningError>) -> JSON {
        switch outcome {
        case .success(let value): .object(["ok": value])
        case .failure(let error): .object(["error": JSON(error: error)])
        }
    }

    private static func fields(of mirror: Mirror) -> JSON {
        if mirror.displayStyle == .optional {
            return mirror.children.first.map { JSON(result: $0.value) } ?? .null
        }
        let fields = mirror.children.map { (snake($0.label ?? ""), JSON(result: $0.value)) }
        return .object(Dictionary(fields) { first, _ in first })
    }
}

/// A name in snake case: `pinByCID` is `pin_by_cid`.
func snake(_ name: String) -> String {
    var word = ""
    var afterSmall = false
    for character in name {
        if character.isUppercase && afterSmall { word += "_" }
        afterSmall = !character.isUppercase
        word += character.lowercased()
    }
    return word
}
