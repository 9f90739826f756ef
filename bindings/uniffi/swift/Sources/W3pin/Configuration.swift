import Foundation
internal import W3pinFFI

extension Client {
    /// A client's settings. What isn't set is as by default.
    public struct Configuration: Sendable, Hashable {
        /// The service's URL, or `attoaioz`, `w3ipfs-storage`, `w3ipfs` or `aiozpin`.
        public var endpoint: String?
        /// Allows plain http to other machines, which anyone on the way can read.
        public var insecureHTTP: Bool
        /// The layout in which the service imports files; ``Profile/kuboCIDv1Legacy`` unless set.
        public var profile: Profile?
        /// How long it may take until there is a connection; 10 seconds unless set.
        public var connectTimeout: Duration?
        /// How long a request or its answer may get no further; 60 seconds unless set.
        public var idleTimeout: Duration?
        /// How long a whole call may take with all its tries; 60 seconds unless set. Uploads aren't limited by it.
        public var callTimeout: Duration?
        /// How often calls are tried.
        public var retry: RetryPolicy?
        /// How many requests go out; the service's own limit unless set, and none on this machine.
        public var pacing: Pacing?
        /// Sends every request through this proxy: `http://`, `https://`, `socks5://` or `socks5h://`.
        public var proxy: String?
        /// Sends no request through a proxy, whatever the environment says.
        public var noProxy: Bool
        /// Trusts these root certificates too, one or more in PEM.
        public var rootCertificatesPEM: Data?
        /// Trusts the operating system's root certificates instead of Mozilla's, which come along.
        public var platformRoots: Bool
        /// The name that the service sees.
        public var userAgent: String?

        /// Makes settings; see the properties.
        public init(
            endpoint: String? = nil,
            insecureHTTP: Bool = false,
            profile: Profile? = nil,
            connectTimeout: Duration? = nil,
            idleTimeout: Duration? = nil,
            callTimeout: Duration? = nil,
            retry: RetryPolicy? = nil,
            pacing: Pacing? = nil,
            proxy: String? = nil,
            noProxy: Bool = false,
            rootCertificatesPEM: Data? = nil,
            platformRoots: Bool = false,
            userAgent: String? = nil
        ) {
            self.endpoint = endpoint
            self.insecureHTTP = insecureHTTP
            self.profile = profile
            self.connectTimeout = connectTimeout
            self.idleTimeout = idleTimeout
            self.callTimeout = callTimeout
            self.retry = retry
            self.pacing = pacing
            self.proxy = proxy
            self.noProxy = noProxy
            self.rootCertificatesPEM = rootCertificatesPEM
            self.platformRoots = platformRoots
            self.userAgent = userAgent
        }
    }

    /// How many requests a client sends.
    public enum Pacing: Sendable, Hashable {
        /// As many as are asked for.
        case off
        /// This many a minute at most, one at least.
        case perMinute(Int)
    }
}

extension Client.Configuration {
    func settings(credentials: Credentials?) throws -> ClientSettings {
        ClientSettings(
            credentials: credentials.map { AccountKeys(apiKey: $0.apiKey, secretKey: $0.secretKey) },
            endpoint: endpoint,
            insecureHttp: insecureHTTP,
            profile: profile?.rawValue,
            connectTimeout: try connectTimeout.seconds("connect_timeout"),
            idleTimeout: try idleTimeout.seconds("idle_timeout"),
            callTimeout: try callTimeout.seconds("call_timeout"),
            retry: try retry?.settings(),
            requestsPerMinute: try pacing?.requestsPerMinute(),
            proxy: proxy,
            noProxy: noProxy,
            rootCertificatesPem: rootCertificatesPEM,
            platformRoots: platformRoots,
            userAgent: userAgent)
    }
}

extension Client.Pacing {
    fileprivate func requestsPerMinute() throws -> UInt32? {
        guard case .perMinute(let number) = self else { return 0 }
        guard number > 0 else {
            throw PinningError.invalidInput("pacing", "one request a minute at least must go out, not \(number)")
        }
        return try Optional(number).count("pacing")
    }
}
