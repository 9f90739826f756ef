package w3pin

import java.time.Duration
import kotlin.time.toKotlinDuration

/**
 * Builds a [FutureRetriever]. Settings that aren't set are taken from the environment (`W3PIN_GATEWAYS` and others) and
 * from w3pin's config file.
 */
public class FutureRetrieverBuilder internal constructor() {
    private var gateways: List<String>? = null
    private var environment = true
    private var connectTimeout: Duration? = null
    private var idleTimeout: Duration? = null
    private var callTimeout: Duration? = null
    private var retry: RetryPolicy? = null
    private var proxy: String? = null
    private var noProxy = false
    private var rootCertificatesPem: ByteArray? = null
    private var platformRoots = false
    private var userAgent: String? = null

    /** The gateways to read content back from, in the order to try them. */
    public fun gateways(gateways: List<String>): FutureRetrieverBuilder = apply { this.gateways = gateways }

    /** Whether to take settings that aren't set from the environment and the config file. */
    public fun environment(environment: Boolean): FutureRetrieverBuilder = apply { this.environment = environment }

    /** The time limit for connecting; 10 seconds unless set. */
    public fun connectTimeout(connectTimeout: Duration): FutureRetrieverBuilder =
        apply { this.connectTimeout = connectTimeout }

    /** The longest time that a request or its response may make no progress; 60 seconds unless set. */
    public fun idleTimeout(idleTimeout: Duration): FutureRetrieverBuilder = apply { this.idleTimeout = idleTimeout }

    /** The time limit of a call, retries included, except uploads and waits; 60 seconds unless set. */
    public fun callTimeout(callTimeout: Duration): FutureRetrieverBuilder = apply { this.callTimeout = callTimeout }

    /** The retry policy of calls. */
    public fun retry(retry: RetryPolicy): FutureRetrieverBuilder = apply { this.retry = retry }

    /** The proxy to send every request through: http, https, socks5 or socks5h. */
    public fun proxy(proxy: String): FutureRetrieverBuilder = apply { this.proxy = proxy }

    /** Whether to use no proxy, even if the environment names one. */
    public fun noProxy(noProxy: Boolean): FutureRetrieverBuilder = apply { this.noProxy = noProxy }

    /** Additional root certificates to trust, in PEM format. */
    public fun rootCertificatesPem(rootCertificatesPem: ByteArray): FutureRetrieverBuilder =
        apply { this.rootCertificatesPem = rootCertificatesPem }

    /** Whether to trust the operating system's root certificates instead of Mozilla's. */
    public fun platformRoots(platformRoots: Boolean): FutureRetrieverBuilder =
        apply { this.platformRoots = platformRoots }

    /** The User-Agent header. */
    public fun userAgent(userAgent: String): FutureRetrieverBuilder = apply { this.userAgent = userAgent }

    /** The retriever; throws [PinningException.InvalidInput] if a setting can't be used. */
    public fun build(): FutureRetriever = FutureRetrieval(
        retrieval(
            gateways,
            environment,
            connectTimeout?.toKotlinDuration(),
            idleTimeout?.toKotlinDuration(),
            callTimeout?.toKotlinDuration(),
            retry,
            proxy,
            noProxy,
            rootCertificatesPem,
            platformRoots,
            userAgent,
        ),
    )
}
