package w3pin

import java.time.Duration
import kotlin.time.toKotlinDuration

/**
 * Builds a [FutureClient]. Settings that aren't set are taken from the environment (`W3PIN_API_KEY`,
 * `W3PIN_SECRET_KEY`,
 * `W3PIN_ENDPOINT` and others) and from w3pin's config file.
 */
public class FutureClientBuilder internal constructor() {
    private var credentials: Credentials? = null
    private var endpoint: String? = null
    private var insecureHttp: Boolean? = null
    private var environment = true
    private var profile: Profile? = null
    private var gateways: List<String>? = null
    private var connectTimeout: Duration? = null
    private var idleTimeout: Duration? = null
    private var callTimeout: Duration? = null
    private var retry: RetryPolicy? = null
    private var rateLimit: RateLimit? = null
    private var proxy: String? = null
    private var noProxy = false
    private var rootCertificatesPem: ByteArray? = null
    private var platformRoots = false
    private var userAgent: String? = null
    private var api: String? = null
    private var token: String? = null

    /** The account's API key and secret key. */
    public fun credentials(apiKey: String, secretKey: String): FutureClientBuilder =
        apply { credentials = Credentials(apiKey, secretKey) }

    /** The service: a URL, or `attoaioz`, `w3ipfs-storage`, `w3ipfs` or `aiozpin`. */
    public fun endpoint(endpoint: String): FutureClientBuilder = apply { this.endpoint = endpoint }

    /** Whether to allow sending keys over plain HTTP to another machine. */
    public fun insecureHttp(insecureHttp: Boolean): FutureClientBuilder = apply { this.insecureHttp = insecureHttp }

    /** Whether to take settings that aren't set from the environment and the config file. */
    public fun environment(environment: Boolean): FutureClientBuilder = apply { this.environment = environment }

    /** The UnixFS profile that the service uses. */
    public fun profile(profile: Profile): FutureClientBuilder = apply { this.profile = profile }

    /** The gateways to read content back from, in the order to try them. */
    public fun gateways(gateways: List<String>): FutureClientBuilder = apply { this.gateways = gateways }

    /** The time limit for connecting; 10 seconds unless set. */
    public fun connectTimeout(connectTimeout: Duration): FutureClientBuilder =
        apply { this.connectTimeout = connectTimeout }

    /** The longest time that a request or its response may make no progress; 60 seconds unless set. */
    public fun idleTimeout(idleTimeout: Duration): FutureClientBuilder = apply { this.idleTimeout = idleTimeout }

    /** The time limit of a call, retries included, except uploads and waits; 60 seconds unless set. */
    public fun callTimeout(callTimeout: Duration): FutureClientBuilder = apply { this.callTimeout = callTimeout }

    /** The retry policy of calls. */
    public fun retry(retry: RetryPolicy): FutureClientBuilder = apply { this.retry = retry }

    /** The maximum number of requests per minute; 180 unless set, unlimited for a service on this machine. */
    public fun rateLimit(rateLimit: RateLimit): FutureClientBuilder = apply { this.rateLimit = rateLimit }

    /** The proxy to send every request through: http, https, socks5 or socks5h. */
    public fun proxy(proxy: String): FutureClientBuilder = apply { this.proxy = proxy }

    /** Whether to use no proxy, even if the environment names one. */
    public fun noProxy(noProxy: Boolean): FutureClientBuilder = apply { this.noProxy = noProxy }

    /** Additional root certificates to trust, in PEM format. */
    public fun rootCertificatesPem(rootCertificatesPem: ByteArray): FutureClientBuilder =
        apply { this.rootCertificatesPem = rootCertificatesPem }

    /** Whether to trust the operating system's root certificates instead of Mozilla's. */
    public fun platformRoots(platformRoots: Boolean): FutureClientBuilder = apply { this.platformRoots = platformRoots }

    /** The User-Agent header. */
    public fun userAgent(userAgent: String): FutureClientBuilder = apply { this.userAgent = userAgent }

    /** The API that the service speaks: `w3ipfs`, or `pinning-service`, which pins by CID and has no uploads. */
    public fun api(api: String): FutureClientBuilder = apply { this.api = api }

    /** The access token for the API pinning-service, in place of the keys. */
    public fun token(token: String): FutureClientBuilder = apply { this.token = token }

    /** The client; throws [PinningException.InvalidInput] if a key is missing or a setting can't be used. */
    public fun build(): FutureClient = FutureCalls(
        Client(
            credentials,
            endpoint,
            insecureHttp,
            environment,
            profile,
            gateways,
            connectTimeout?.toKotlinDuration(),
            idleTimeout?.toKotlinDuration(),
            callTimeout?.toKotlinDuration(),
            retry,
            rateLimit,
            proxy,
            noProxy,
            rootCertificatesPem,
            platformRoots,
            userAgent,
            api,
            token,
        ),
    )
}
