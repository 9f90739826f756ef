package w3pin

import kotlin.time.Duration
import w3pin.ffi.ClientSettings
import w3pin.ffi.NativeRetriever

/**
 * Reads content back from gateways and verifies every byte against its CID before returning it.
 *
 * No account is required, and no gateway is trusted: one that serves a wrong block isn't asked again, and the others
 * supply what is missing. It can run any number of calls from any thread. [Client.retriever] returns one that
 * uses the connections of a client.
 *
 * ```kotlin
 * Retriever().use { retriever ->
 *     val text = retriever.read("bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi/readme").decodeToString()
 *     retriever.fetch("bafy…", Path("site"))
 * }
 * ```
 *
 * Settings that aren't set are taken from the environment (`W3PIN_GATEWAYS` and others) and from w3pin's config file.
 *
 * @param gateways The gateways to read content back from, in the order to try them.
 * @param environment Whether to take settings that aren't set from the environment and the config file.
 * @param connectTimeout The time limit for connecting; 10 seconds unless set.
 * @param idleTimeout The longest time that a request or its response may make no progress; 60 seconds unless set.
 * @param callTimeout The time limit of a call, retries included, except uploads and waits; 60 seconds unless set.
 * @param retry The retry policy of calls.
 * @param proxy The proxy to send every request through: http, https, socks5 or socks5h.
 * @param noProxy Whether to use no proxy, even if the environment names one.
 * @param rootCertificatesPem Additional root certificates to trust, in PEM format.
 * @param platformRoots Whether to trust the operating system's root certificates instead of Mozilla's. Not available
 *   on Android.
 * @param userAgent The User-Agent header.
 * @throws PinningException.InvalidInput if a setting can't be used
 */
public class Retriever(
    gateways: List<String>? = null,
    environment: Boolean = true,
    connectTimeout: Duration? = null,
    idleTimeout: Duration? = null,
    callTimeout: Duration? = null,
    retry: RetryPolicy? = null,
    proxy: String? = null,
    noProxy: Boolean = false,
    rootCertificatesPem: ByteArray? = null,
    platformRoots: Boolean = false,
    userAgent: String? = null,
) : ContentRetriever by retrieval(
    gateways,
    environment,
    connectTimeout,
    idleTimeout,
    callTimeout,
    retry,
    proxy,
    noProxy,
    rootCertificatesPem,
    platformRoots,
    userAgent,
)

/** A retriever for itself. Of a client's settings those that it has no use for stay unset. */
internal fun retrieval(
    gateways: List<String>?,
    environment: Boolean,
    connectTimeout: Duration?,
    idleTimeout: Duration?,
    callTimeout: Duration?,
    retry: RetryPolicy?,
    proxy: String?,
    noProxy: Boolean,
    rootCertificatesPem: ByteArray?,
    platformRoots: Boolean,
    userAgent: String?,
): Retrieval = calling {
    val settings = ClientSettings(
        apiKey = null,
        secretKey = null,
        token = null,
        api = null,
        endpoint = null,
        insecureHttp = null,
        environment = environment,
        profile = null,
        gateways = gateways?.texts("gateways"),
        connectTimeout = connectTimeout?.inWholeNanoseconds,
        idleTimeout = idleTimeout?.inWholeNanoseconds,
        callTimeout = callTimeout?.inWholeNanoseconds,
        retry = retry?.toSettings(),
        rateLimit = null,
        proxy = proxy?.text("proxy"),
        noProxy = noProxy,
        rootCertificatesPem = rootCertificatesPem?.crossing("root_certificates_pem"),
        platformRoots = platformRoots,
        userAgent = userAgent?.text("user_agent"),
    )
    Retrieval(NativeRetriever(settings))
}
