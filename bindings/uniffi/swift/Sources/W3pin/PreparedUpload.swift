import Foundation
internal import W3pinFFI

/// An upload that another HTTP stack sends, such as a background `URLSession`.
///
/// Send ``body`` with ``method``, ``url`` and ``headers``, hand the response to
/// ``PinningClient/finishUpload(_:status:response:)``, and delete the file.
///
/// It may be encoded and kept until the response comes, in another run of the app too. The account's keys are left out
/// of that: what is decoded lacks them in its ``headers``.
public struct PreparedUpload: Sendable, Hashable {
    /// The HTTP method, POST.
    public let method: String
    /// The URL to send it to.
    public let url: URL
    /// The headers to send, which include the account's keys.
    public let headers: [String: String]
    /// The path of the file to send as the body.
    public let body: URL
    /// The length of the body in bytes.
    public let contentLength: Int64
    /// The CID that the service is expected to return.
    public let cid: String

    /// All of it but the keys, as the engine writes it.
    let kept: String
}

extension PreparedUpload: Codable {
    /// Reads what was encoded.
    public init(from decoder: any Decoder) throws {
        let kept = try decoder.singleValueContainer().decode(String.self)
        try self.init(translating { try keptUpload(kept: kept) })
    }

    /// Writes all of it but the account's keys.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(kept)
    }
}

extension PreparedUpload: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// All but the headers, which hold the account's keys.
    public var description: String {
        "PreparedUpload(\(method) \(url), \(contentLength) bytes in \(body.path), \(cid))"
    }

    /// All but the headers, which hold the account's keys.
    public var debugDescription: String { description }

    /// All but the headers, which hold the account's keys.
    public var customMirror: Mirror {
        Mirror(
            self,
            children: ["method": method, "url": url, "body": body, "contentLength": contentLength, "cid": cid])
    }
}

extension PreparedUpload {
    init(_ record: PreparedRecord) throws {
        guard let url = URL(string: record.url) else {
            throw PinningError.invalidInput("endpoint", "this isn't a URL that Foundation knows: \(record.url)")
        }
        self.init(
            method: record.method,
            url: url,
            headers: record.headers,
            body: URL(fileURLWithPath: record.body),
            contentLength: Int64(clamping: record.contentLength),
            cid: record.cid,
            kept: record.kept)
    }
}
