import Foundation
internal import W3pinFFI

/// Reads content back from gateways and verifies every byte against its CID before returning it.
///
/// No account is required, and no gateway is trusted: one that serves a wrong block isn't asked again, and the others
/// supply what is missing. It can run any number of calls from any task.
///
/// ```swift
/// let retriever = try Retriever()
/// let text = try await retriever.read("bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi/readme")
/// for try await block in retriever.stream("bafy…/film.mp4") { try output.write(contentsOf: block) }
/// ```
///
/// Settings that aren't set are taken from the environment (`W3PIN_GATEWAYS` and others) and from w3pin's config file.
public final class Retriever: ContentRetriever {
    private let native: NativeRetriever

    /// Creates a retriever; ``Client/retriever()`` returns one that uses the connections of a client. Nothing is sent
    /// yet.
    ///
    /// - Parameter configuration: All settings.
    /// - Throws: ``PinningError`` of kind ``PinningError/Kind/invalidInput`` if a setting can't be used.
    public init(configuration: Configuration = Configuration()) throws {
        native = try translating { try NativeRetriever(settings: configuration.settings()) }
    }

    init(_ native: NativeRetriever) {
        self.native = native
    }

    public func resolve(_ path: String) async throws -> Node {
        Node(try await calling { cancel in try await self.native.resolve(path: path, cancel: cancel) })
    }

    public func read(_ path: String, options: ReadOptions = ReadOptions()) async throws -> Data {
        try await calling { cancel in
            try await self.native.read(path: path, settings: options.settings, cancel: cancel)
        }
    }

    public func stream(_ path: String, options: ReadOptions = ReadOptions()) -> RetrievedSequence<Data> {
        RetrievedSequence { [native] in
            let cursor = try native.stream(path: path, settings: options.settings)
            return { cancel in try await cursor.next(cancel: cancel) }
        }
    }

    public func open(_ path: String) async throws -> ContentReader {
        let file = try await calling { cancel in try await self.native.open(path: path, cancel: cancel) }
        let place = file.path()
        return ContentReader(size: Int64(clamping: file.size())) { options in
            try await self.read(place, options: options)
        } stream: { options in
            self.stream(place, options: options)
        }
    }

    public func list(_ path: String) -> RetrievedSequence<FolderEntry> {
        RetrievedSequence { [native] in
            let cursor = try native.list(path: path)
            return { cancel in try await cursor.next(cancel: cancel).map(FolderEntry.init) }
        }
    }

    @discardableResult
    public func fetch(
        _ path: String, to destination: URL, options: FetchOptions = FetchOptions()
    ) async throws -> Fetched {
        let call = Call(options)
        let fetched = try await call.run {
            try await self.native.fetch(
                path: path, destination: destination.local("destination"), settings: options.settings(call.feed),
                cancel: call.token)
        }
        try await call.ended()
        return Fetched(fetched)
    }

    public func close() {
        native.shutdown()
    }
}

extension Client {
    public func retriever() throws -> any ContentRetriever {
        Retriever(try translating { try native.retriever() })
    }
}

extension Retriever {
    /// A retriever's settings. Settings that aren't set are taken from the environment and the config file, or has its
    /// default.
    public struct Configuration: Sendable, Hashable {
        /// The gateways to read content back from, in the order to try them.
        public var gateways: [URL]?
        /// Whether to take settings that aren't set from the environment and the config file.
        public var environment: Bool
        /// The time limit for connecting; 10 seconds unless set.
        public var connectTimeout: Duration?
        /// The longest time that a request or its response may make no progress; 60 seconds unless set.
        public var idleTimeout: Duration?
        /// The time limit of a call, retries included, except uploads and waits; 60 seconds unless set.
        public var callTimeout: Duration?
        /// The retry policy of calls.
        public var retry: RetryPolicy?
        /// The proxy to send every request through: http, https, socks5 or socks5h.
        public var proxy: String?
        /// Whether to use no proxy, even if the environment names one.
        public var noProxy: Bool
        /// Additional root certificates to trust, in PEM format.
        public var rootCertificatesPEM: Data?
        /// Whether to trust the operating system's root certificates instead of Mozilla's.
        public var platformRoots: Bool
        /// The User-Agent header.
        public var userAgent: String?

        /// Creates settings; see the properties.
        public init(
            gateways: [URL]? = nil,
            environment: Bool = true,
            connectTimeout: Duration? = nil,
            idleTimeout: Duration? = nil,
            callTimeout: Duration? = nil,
            retry: RetryPolicy? = nil,
            proxy: String? = nil,
            noProxy: Bool = false,
            rootCertificatesPEM: Data? = nil,
            platformRoots: Bool = false,
            userAgent: String? = nil
        ) {
            self.gateways = gateways
            self.environment = environment
            self.connectTimeout = connectTimeout
            self.idleTimeout = idleTimeout
            self.callTimeout = callTimeout
            self.retry = retry
            self.proxy = proxy
            self.noProxy = noProxy
            self.rootCertificatesPEM = rootCertificatesPEM
            self.platformRoots = platformRoots
            self.userAgent = userAgent
        }

        fileprivate func settings() throws -> ClientSettings {
            // Of a client's settings those that a retriever has no use for stay unset.
            let client = Client.Configuration(
                environment: environment, gateways: gateways, connectTimeout: connectTimeout, idleTimeout: idleTimeout,
                callTimeout: callTimeout, retry: retry, proxy: proxy, noProxy: noProxy,
                rootCertificatesPEM: rootCertificatesPEM, platformRoots: platformRoots, userAgent: userAgent)
            return try client.settings(credentials: nil)
        }
    }
}
