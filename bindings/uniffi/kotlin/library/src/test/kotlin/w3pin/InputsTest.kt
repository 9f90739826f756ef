package w3pin

import java.net.URI
import java.net.http.HttpClient
import java.net.http.HttpRequest
import java.net.http.HttpResponse
import java.nio.file.Path
import kotlin.io.path.createDirectories
import kotlin.io.path.writeText
import kotlinx.coroutines.flow.take
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.runBlocking
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.jsonObject
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.assertThrows
import org.junit.jupiter.api.io.TempDir

/** Tests of inputs, rejected inputs and results. */
class InputsTest {
    private val server = LocalServer()

    @TempDir
    private lateinit var folder: Path

    @AfterEach
    fun stop() = server.close()

    @Test
    fun `the same content has one CID, however it is given`(): Unit = runBlocking {
        val file = folder.resolve("a.txt").apply { writeText("hello") }
        server.client().use { client ->
            val pins = listOf(
                client.pinFile(file),
                client.pinFile(file.toFile()),
                client.pinPath(file),
                client.pinPath(file.toFile()),
                client.pinBytes("hello".toByteArray()),
                client.pinStream("hello".byteInputStream()),
                client.pinFiles(listOf(file)).single().getOrThrow(),
            )
            assertEquals(setOf(computeCid(Content.of(file)).cid), pins.map { it.cid }.toSet())
            assertTrue(pins.all { it.verification.result == Verification.Result.VERIFIED })
            assertEquals(client.pinFolder(folder).cid, client.pinFolder(folder.toFile()).cid)
        }
    }

    @Test
    fun `pages are read as they are collected`(): Unit = runBlocking {
        server.client().use { client ->
            val made = (1..5).map { client.pinBytes("$it".toByteArray(), PinOptions(name = "$it")).id }
            val list = ListOptions(limit = 2, sortOrder = SortOrder.ASC)
            assertEquals(made, client.pins(list).toList().map { it.id })
            assertEquals(made.take(1), client.pins(list).take(1).toList().map { it.id })
            assertEquals(5, client.listPins(list).totals.files)
        }
    }

    @Test
    fun `what can't be read is told, and hides nothing`(): Unit = runBlocking {
        Program("w3pin-scenarios").use { scenarios ->
            val run = HttpRequest.newBuilder(URI("${scenarios.firstLine}/runs"))
                .POST(HttpRequest.BodyPublishers.ofString("pins/unreadable"))
            val begun = HttpClient.newHttpClient().send(run.build(), HttpResponse.BodyHandlers.ofString()).body()
            val endpoint = Json.parseToJsonElement(begun).jsonObject.text("endpoint")
            Client(Credentials("CONTRACT-KEY", "CONTRACT-SECRET"), endpoint).use { client ->
                val pins = client.pins(ListOptions(limit = 2))
                assertEquals(listOf("b", "c"), pins.toList().map { it.id })
                assertEquals(listOf("x"), pins.unreadable.map { it.id })
            }
        }
    }

    @Test
    fun `a folder is proved block by block`(): Unit = runBlocking {
        folder.resolve("b").createDirectories().resolve("c.txt").writeText("c")
        server.client().use { client ->
            val gateway = server.endpoint.removeSuffix("/api/pinning")
            val cid = client.pinFolder(folder).cid
            assertEquals(1, client.verify(Content.of(folder), cid, gateway).files)
            val other = "d".toByteArray()
            assertThrows<PinningException.CidMismatch> { runBlocking { client.verify(Content.of(other), cid, gateway) } }
        }
    }

    @Test
    fun `an exception says what the service said, and no key`(): Unit = runBlocking {
        Client(Credentials("NOBODY", "SECRET-OF-NOBODY"), server.endpoint).use { client ->
            val error = assertThrows<PinningException.Authentication> { runBlocking { client.checkCredentials() } }
            assertEquals(PinningException.Kind.AUTHENTICATION, error.kind)
            assertEquals(401, error.status)
            assertFalse(error.isRetryable)
            assertNull(error.retryAfter)
            assertTrue(error.message!!.startsWith(error.reason), error.message)
            assertFalse("NOBODY" in error.stackTraceToString())
        }
        assertFalse("SECRET" in Credentials("KEY", "SECRET").toString())
    }

    @Test
    fun `every kind of error has its class`() {
        val kinds = PinningException::class.sealedSubclasses.map { type ->
            val made = type.constructors.single().call(ErrorDetails("odd"))
            assertEquals(type.simpleName!!.lowercase(), made.kind.name.replace("_", "").lowercase())
            made.kind
        }
        assertEquals(PinningException.Kind.entries.toSet(), kinds.toSet())
        assertEquals(w3pin.ffi.ErrorKind.entries.map { it.name }, PinningException.Kind.entries.map { it.name })
    }
}
