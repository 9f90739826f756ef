package w3pin

import com.sun.net.httpserver.HttpsConfigurator
import com.sun.net.httpserver.HttpsServer
import java.net.InetSocketAddress
import java.nio.file.Path
import java.security.KeyStore
import java.util.Base64
import javax.net.ssl.KeyManagerFactory
import javax.net.ssl.SSLContext
import kotlin.io.path.inputStream
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.BeforeEach
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.assertThrows
import org.junit.jupiter.api.io.TempDir

/** Tests of certificates with a server that has its own. */
class TlsTest {
    @TempDir
    private lateinit var folder: Path
    private lateinit var server: HttpsServer
    private lateinit var pem: String

    @BeforeEach
    fun start() {
        val keys = keys()
        val certificate = Base64.getMimeEncoder().encodeToString(keys.getCertificate("it").encoded)
        pem = "-----BEGIN CERTIFICATE-----\n$certificate\n-----END CERTIFICATE-----\n"
        val managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm())
        managers.init(keys, PASSWORD.toCharArray())
        val context = SSLContext.getInstance("TLS").apply { init(managers.keyManagers, null, null) }
        server = HttpsServer.create(InetSocketAddress("127.0.0.1", 0), 0)
        server.httpsConfigurator = HttpsConfigurator(context)
        server.createContext("/") { exchange ->
            val answer = """{"status": "success", "data": null}""".toByteArray()
            exchange.responseHeaders.set("Content-Type", "application/json")
            exchange.sendResponseHeaders(200, answer.size.toLong())
            exchange.responseBody.use { it.write(answer) }
        }
        server.start()
    }

    @AfterEach
    fun stop() = server.stop(0)

    @Test
    fun `roots of the app are trusted, whichever come along`(): Unit = runBlocking {
        for (platform in listOf(false, true)) {
            client(pem, platform).use { it.checkCredentials() }
        }
    }

    @Test
    fun `a certificate that nobody vouches for is refused`() {
        for (platform in listOf(false, true)) {
            client(null, platform).use { client ->
                assertThrows<PinningException.Transport> { runBlocking { client.checkCredentials() } }
            }
        }
    }

    @Test
    fun `what is no certificate is refused`() {
        val error = assertThrows<PinningException.InvalidInput> { client("no certificate", false) }
        assertEquals("root_certificates_pem", error.field)
    }

    private fun client(pem: String?, platform: Boolean) = Client(
        Credentials("KEY", "SECRET"),
        "https://127.0.0.1:${server.address.port}/api/pinning",
        rootCertificatesPem = pem?.toByteArray(),
        platformRoots = platform,
        retry = RetryPolicy(attempts = 1),
    )

    private fun keys(): KeyStore {
        val file = folder.resolve("keys.p12")
        val keytool = Path.of(System.getProperty("java.home"), "bin", "keytool")
        val made = ProcessBuilder(
            "$keytool", "-genkeypair", "-alias", "it", "-keyalg", "EC", "-groupname", "secp256r1",
            "-dname", "CN=127.0.0.1", "-ext", "san=ip:127.0.0.1", "-validity", "30",
            "-storetype", "PKCS12", "-keystore", "$file", "-storepass", PASSWORD,
        ).redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD).start().waitFor()
        assertEquals(0, made)
        return KeyStore.getInstance("PKCS12").apply { file.inputStream().use { load(it, PASSWORD.toCharArray()) } }
    }

    private companion object {
        const val PASSWORD = "password"
    }
}
