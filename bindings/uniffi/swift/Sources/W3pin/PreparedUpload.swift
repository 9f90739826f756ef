import Foundation
internal import W3pinFFI

/// An upload that another HTTP stack sends, such as a background `URLSession`.
///
/// Send ``body`` with ``method``, ``url`` and ``headers``, pass the response to
/// ``PinningClient/finishUpload(_:status:response:)``, and delete the file.
///
/// It can be encoded and stored until the response arrives, even in another run of the app. The account's keys aren't
/// stored, so a decoded upload lacks them in its ``headers``.
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
    /// Decodes a stored upload.
    public init(from decoder: any Decoder) throws {
        let kept = try decoder.singleValueContainer().decode(String.self)
        try self.init(translating { try keptUpload(kept: kept) })
    }

    /// Encodes everything except the account's keys.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(kept)
    }
}

extension PreparedUpload: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Everything except the headers, which contain the account's keys.
    public var description: String {
        "PreparedUpload(\(method) \(url), \(contentLength) bytes in \(body.path), \(cid))"
    }

    /// Everything except the headers, which contain the account's keys.
    public var debugDescription: String { description }

    /// Everything except the headers, which contain the account's keys.
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
