import Foundation
internal import W3pinFFI

/// A client of a pinning service, for one account and any number of calls from any task.
///
/// While content is sent, its CID is computed from the same bytes, so the returned pin says whether the service
/// pinned what was sent. Transient failures are retried with exponential backoff, without pinning twice or losing a
/// response.
///
/// ```swift
/// let client = try Client(credentials: Credentials(apiKey: "API_KEY", secretKey: "SECRET_KEY"))
/// let site = URL(fileURLWithPath: "site")
/// let pin = try await client.pinFolder(at: site, options: PinOptions(name: "my site", verify: .require))
/// print(pin.cid, pin.verification.result)
/// ```
///
/// Settings that aren't set are taken from the environment (`W3PIN_API_KEY`, `W3PIN_SECRET_KEY`, `W3PIN_ENDPOINT` and
/// others) and from w3pin's config file.
public final class Client: PinningClient {
    let native: NativeClient

    public let endpoint: URL

    /// Creates a client. Nothing is sent yet.
    ///
    /// - Parameters:
    ///   - credentials: The account's API key and secret key.
    ///   - token: The access token for the API pinning-service, in place of the keys.
    ///   - configuration: All other settings.
    /// - Throws: ``PinningError`` of kind ``PinningError/Kind/invalidInput`` if a key is missing, or a setting
    ///   can't be used.
    public init(
        credentials: Credentials? = nil, token: String? = nil, configuration: Configuration = Configuration()
    ) throws {
        let (native, text) = try translating {
            let native = try NativeClient(settings: configuration.settings(credentials: credentials, token: token))
            return (native, try native.endpoint())
        }
        guard let url = URL(string: text) else {
            throw PinningError.invalidInput("endpoint", "the endpoint isn't a URL that Foundation knows: \(text)")
        }
        self.native = native
        endpoint = url
    }

    public func close() {
        native.shutdown()
    }
}
