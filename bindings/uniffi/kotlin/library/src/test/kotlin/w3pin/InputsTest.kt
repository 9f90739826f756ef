package w3pin

import java.nio.file.Path
import kotlin.io.path.createDirectories
import kotlin.io.path.writeText
import kotlin.time.Duration.Companion.seconds
import kotlinx.coroutines.flow.take
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.assertThrows
import org.junit.jupiter.api.io.TempDir

/** What may be given, what is refused, and what comes back. */
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
            assertEquals(setOf(computeCid(file).cid), pins.map { it.cid }.toSet())
            assertTrue(pins.all { it.verification.result == "verified" })
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
    fun `a folder is proved block by block`(): Unit = runBlocking {
        folder.resolve("b").createDirectories().resolve("c.txt").writeText("c")
        server.client().use { client ->
            val gateway = server.endpoint.removeSuffix("/api/pinning")
            val cid = client.pinFolder(folder).cid
            assertEquals(1, client.verify(folder, cid, gateway).files)
            val other = "d".toByteArray()
            assertThrows<PinningException.CidMismatch> { runBlocking { client.verify(other, cid, gateway) } }
        }
    }

    @Test
    fun `what can't be used is refused`(): Unit = runBlocking {
        server.client().use { client ->
            suspend fun refused(field: String, call: suspend () -> Any?) {
                val error = runCatching { call() }.exceptionOrNull()
                assertTrue(error is PinningException.InvalidInput && error.field == field, "$field: $error")
            }
            val bytes = ByteArray(1)
            refused("cid") { client.pinByCid("Qm") }
            refused("limit") { client.listPins(ListOptions(limit = -1)) }
            refused("offset") { client.pins(ListOptions(offset = -1)).toList() }
            refused("timeout") { client.pinBytes(bytes, PinOptions(timeout = (-1).seconds)) }
            refused("attempts") { client.pinBytes(bytes, PinOptions(retry = RetryPolicy(attempts = -1))) }
            refused("deadline") { client.waitUntilPinned("x", deadline = (-1).seconds) }
            refused("concurrency") { client.unpinMany(listOf("x"), concurrency = 0) }
            refused("pacing") { Client(Credentials("K", "S"), pacing = -1) }
            refused("endpoint") { Client(Credentials("K", "S"), "ftp://example.com") }
            refused("text") { client.pinJson("\"\uD800\"") }
            refused("sort_by") { SortBy.of("cid") }
            val missing = folder.resolve("none")
            assertThrows<PinningException.LocalIo> { runBlocking { client.pinFile(missing) } }
        }
    }

    @Test
    fun `an exception says what the service said, and no key`(): Unit = runBlocking {
        Client(Credentials("NOBODY", "SECRET-OF-NOBODY"), server.endpoint).use { client ->
            val error = assertThrows<PinningException.Authentication> { runBlocking { client.checkCredentials() } }
            assertEquals("authentication", error.kind)
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
        val kinds = PinningException::class.sealedSubclasses.map { it.simpleName!! }.toSet()
        val named = w3pin.ffi.errorKinds().map { kind ->
            w3pin.ffi.ErrorDetails(kind, "", "", null, null, null, null, null, null, null, null, false)
                .toException()::class.simpleName!!
        }
        assertEquals(kinds, named.toSet())
        assertEquals(kinds.size, named.size)
    }
}
