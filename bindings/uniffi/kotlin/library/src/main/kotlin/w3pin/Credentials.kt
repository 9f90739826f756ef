package w3pin

/**
 * The keys of an account, as the service gives them out. They are shown by no [toString] and no exception.
 *
 * @param apiKey the API key
 * @param secretKey the secret key
 */
public class Credentials(internal val apiKey: String, internal val secretKey: String) {
    /** Never contains the keys. */
    override fun toString(): String = "Credentials([redacted])"
}
