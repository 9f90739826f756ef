import Foundation
internal import W3pinFFI

extension Client {
    /// A client's settings. Settings that aren't set are taken from the environment and the config file, or have their
    /// defaults.
    public struct Configuration: Sendable, Hashable {
        /// The API that the service speaks: `w3ipfs`, or `pinning-service`, which pins by CID and has no uploads.
        public var api: String?
        /// The service: a URL, or `attoaioz`, `w3ipfs-storage`, `w3ipfs` or `aiozpin`.
        public var endpoint: String?
        /// Whether to allow sending keys over plain HTTP to another machine.
        public var insecureHTTP: Bool?
        /// Whether to take settings that aren't set from the environment and the config file.
        public var environment: Bool
        /// The UnixFS profile that the service uses.
        public var profile: Profile?
        /// The gateways to read content back from, in the order to try them.
        public var gateways: [URL]?
        /// The time limit for connecting; 10 seconds unless set.
        public var connectTimeout: Duration?
        /// The longest time that a request or its response may make no progress; 60 seconds unless set.
        public var idleTimeout: Duration?
        /// The time limit of a call, retries included, except uploads and waits; 60 seconds unless set.
        public var callTimeout: Duration?
        /// The retry policy of calls.
        public var retry: RetryPolicy?
        /// The maximum number of requests per minute; 180 unless set, unlimited for a service on this machine.
        public var rateLimit: RateLimit?
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
            api: String? = nil,
            endpoint: String? = nil,
            insecureHTTP: Bool? = nil,
            environment: Bool = true,
            profile: Profile? = nil,
            gateways: [URL]? = nil,
            connectTimeout: Duration? = nil,
            idleTimeout: Duration? = nil,
            callTimeout: Duration? = nil,
            retry: RetryPolicy? = nil,
            rateLimit: RateLimit? = nil,
            proxy: String? = nil,
            noProxy: Bool = false,
            rootCertificatesPEM: Data? = nil,
            platformRoots: Bool = false,
            userAgent: String? = nil
        ) {
            self.api = api
            self.endpoint = endpoint
            self.insecureHTTP = insecureHTTP
            self.environment = environment
            self.profile = profile
            self.gateways = gateways
            self.connectTimeout = connectTimeout
            self.idleTimeout = idleTimeout
            self.callTimeout = callTimeout
            self.retry = retry
            self.rateLimit = rateLimit
            self.proxy = proxy
            self.noProxy = noProxy
            self.rootCertificatesPEM = rootCertificatesPEM
            self.platformRoots = platformRoots
            self.userAgent = userAgent
        }
    }
}

/// How many requests a client sends per minute. A sixth of them may be sent in a burst.
public enum RateLimit: Sendable, Hashable {
    /// No limit.
    case unlimited
    /// At most this many in any minute, at least 1.
    case perMinute(Int)
}

extension Client.Configuration {
    func settings(credentials: Credentials?, token: String? = nil) throws -> ClientSettings {
        ClientSettings(
            apiKey: credentials?.apiKey,
            secretKey: credentials?.secretKey,
            token: token,
            api: api,
            endpoint: endpoint,
            insecureHttp: insecureHTTP,
            environment: environment,
            profile: profile?.rawValue,
            gateways: gateways?.map(\.absoluteString),
            connectTimeout: connectTimeout?.crossing,
            idleTimeout: idleTimeout?.crossing,
            callTimeout: callTimeout?.crossing,
            retry: retry?.settings,
            rateLimit: rateLimit?.setting,
            proxy: proxy,
            noProxy: noProxy,
            rootCertificatesPem: try rootCertificatesPEM?.crossing("root_certificates_pem"),
            platformRoots: platformRoots,
            userAgent: userAgent)
    }
}

extension RateLimit {
    fileprivate var setting: RateLimitSetting {
        switch self {
        case .unlimited: .unlimited
        case .perMinute(let requests): .perMinute(requests: Int64(requests))
        }
    }
}
