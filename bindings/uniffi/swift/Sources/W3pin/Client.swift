import Foundation
internal import W3pinFFI

/// A client of a pinning service, for one account.
///
/// While content goes out, its CID is computed from the same bytes, so the pin that comes back says whether the
/// service pinned what was sent. Calls that fail for a passing reason are tried again, without pinning twice.
///
/// ```swift
/// let client = try Client(credentials: Credentials(apiKey: "API_KEY", secretKey: "SECRET_KEY"))
/// let site = URL(fileURLWithPath: "site")
/// let pin = try await client.pinFolder(at: site, options: PinOptions(name: "my site", verify: .require))
/// print(pin.cid, pin.verification.result)
/// ```
///
/// A client may be used by any number of tasks at once. Where the task of a call is cancelled, its transfer ends, its
/// connection is closed, and it throws `CancellationError`; whether the service has acted by then is open, as it is
/// when a connection breaks. All calls throw ``PinningError``, and ``ClientClosedError`` after ``close()``.
public final class Client: Sendable {
    let native: NativeClient

    /// Where the service is.
    public let endpoint: URL

    /// Makes a client. Nothing is sent yet.
    ///
    /// - Parameters:
    ///   - credentials: The account's keys. Without them, they and the endpoint come from `W3PIN_API_KEY`,
    ///     `W3PIN_SECRET_KEY` and `W3PIN_ENDPOINT`, or the config file that the `w3pin` command writes.
    ///   - configuration: All other settings.
    /// - Throws: ``PinningError`` of kind ``PinningError/Kind/invalidInput`` where a key is missing, or a setting
    ///   can't be used.
    public init(credentials: Credentials? = nil, configuration: Configuration = Configuration()) throws {
        let (native, text) = try translating {
            let native = try NativeClient(settings: configuration.settings(credentials: credentials))
            return (native, try native.endpoint())
        }
        guard let url = URL(string: text) else {
            throw PinningError.invalidInput("endpoint", "the endpoint isn't a URL that Foundation knows: \(text)")
        }
        self.native = native
        endpoint = url
    }

    /// Stops every call that is under way, and refuses later ones: all throw ``ClientClosedError``.
    ///
    /// A client that is no longer referenced is closed by itself.
    public func close() {
        native.shutdown()
    }
}
