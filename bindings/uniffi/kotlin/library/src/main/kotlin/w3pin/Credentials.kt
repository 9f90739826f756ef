package w3pin

/**
 * The keys of an account. They are never shown by [toString] or exceptions.
 *
 * @param apiKey the API key
 * @param secretKey the secret key
 */
public class Credentials(internal val apiKey: String, internal val secretKey: String) {
    /** Never contains the keys. */
    override fun toString(): String = "Credentials([redacted])"
}
