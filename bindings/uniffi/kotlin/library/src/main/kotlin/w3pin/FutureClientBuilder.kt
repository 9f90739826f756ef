package w3pin

import java.time.Duration
import kotlin.time.toKotlinDuration

/** Makes a [FutureClient]. What isn't set is as in [Client]. */
public class FutureClientBuilder {
    private var credentials: Credentials? = null
    private var endpoint: String? = null
    private var insecureHttp = false
    private var profile: String? = null
    private var connectTimeout: Duration? = null
    private var idleTimeout: Duration? = null
    private var callTimeout: Duration? = null
    private var retry: RetryPolicy? = null
    private var pacing: Int? = null
    private var proxy: String? = null
    private var noProxy = false
    private var rootCertificatesPem: String? = null
    private var platformRoots = false
    private var userAgent: String? = null

    /** Sets the account's keys. */
    public fun credentials(apiKey: String, secretKey: String): FutureClientBuilder =
        apply { credentials = Credentials(apiKey, secretKey) }

    /** Sets where the service is: a URL or a preset's name. */
    public fun endpoint(endpoint: String): FutureClientBuilder = apply { this.endpoint = endpoint }

    /** Sets whether plain http to other machines is allowed, which anyone on the way can read. */
    public fun insecureHttp(allow: Boolean): FutureClientBuilder = apply { insecureHttp = allow }

    /** Sets the layout in which the service imports files. */
    public fun profile(profile: String): FutureClientBuilder = apply { this.profile = profile }

    /** Sets how long until there is a connection. */
    public fun connectTimeout(timeout: Duration): FutureClientBuilder = apply { connectTimeout = timeout }

    /** Sets how long a request or its answer may get no further. */
    public fun idleTimeout(timeout: Duration): FutureClientBuilder = apply { idleTimeout = timeout }

    /** Sets how long a whole call may take, with all its tries. Uploads aren't limited by it. */
    public fun callTimeout(timeout: Duration): FutureClientBuilder = apply { callTimeout = timeout }

    /** Sets how often calls are tried. */
    public fun retry(retry: RetryPolicy): FutureClientBuilder = apply { this.retry = retry }

    /** Sets the number of requests a minute; 0 is no limit. */
    public fun pacing(pacing: Int): FutureClientBuilder = apply { this.pacing = pacing }

    /** Sets the proxy through which every request is sent. */
    public fun proxy(url: String): FutureClientBuilder = apply { proxy = url }

    /** Sends no request through a proxy, whatever the environment says. */
    public fun noProxy(): FutureClientBuilder = apply { noProxy = true }

    /** Sets root certificates to trust too, one or more in PEM. */
    public fun rootCertificatesPem(pem: String): FutureClientBuilder = apply { rootCertificatesPem = pem }

    /** Sets whether the operating system's root certificates are trusted instead of Mozilla's. */
    public fun platformRoots(platform: Boolean): FutureClientBuilder = apply { platformRoots = platform }

    /** Sets the name that the service sees. */
    public fun userAgent(userAgent: String): FutureClientBuilder = apply { this.userAgent = userAgent }

    /** The client; throws [PinningException.InvalidInput] where a key is missing or a setting can't be used. */
    public fun build(): FutureClient = FutureClient(
        Client(
            credentials,
            endpoint,
            insecureHttp,
            profile,
            connectTimeout?.toKotlinDuration(),
            idleTimeout?.toKotlinDuration(),
            callTimeout?.toKotlinDuration(),
            retry,
            pacing,
            proxy,
            noProxy,
            rootCertificatesPem,
            platformRoots,
            userAgent,
        ),
    )
}
