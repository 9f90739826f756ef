package w3pin

import java.nio.file.FileSystems
import java.nio.file.Files
import java.nio.file.Path
import kotlin.io.path.writeText
import kotlin.time.Duration
import kotlin.time.Duration.Companion.seconds
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.runBlocking
import kotlinx.serialization.json.Json
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.DynamicTest
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.TestFactory
import org.junit.jupiter.api.assertThrows
import org.junit.jupiter.api.io.TempDir

/** Tests of every argument with invalid values. Nothing listens at the client's endpoint, so nothing is sent. */
class OddInputsTest {
    @TempDir
    private lateinit var folder: Path

    private val bytes = byteArrayOf(1)
    private val half = "\uD800"

    private fun client() = Client(
        Credentials("KEY", "SECRET"),
        "http://127.0.0.1:9/api/pinning",
        retry = RetryPolicy(attempts = 1),
    )

    /** Invalid settings, arguments and options, by the field of the error. */
    private fun odd(): List<Pair<String, suspend (PinningClient) -> Any?>> = listOf(
        "cid" to { it.pinByCid("") },
        "cid" to { it.pinByCid("odd") },
        "cid" to { it.pinByCid(half) },
        "cid" to { it.pinByCid("bafkqaaa\u0000") },
        "id" to { it.getPin("") },
        "id" to { it.unpin("") },
        "id" to { it.getPin(half) },
        "id" to { it.waitUntilPinned("") },
        "value" to { it.pinJson("") },
        "value" to { it.pinJson("{") },
        "value" to { it.pinJson("NaN") },
        "value" to { it.pinJson("9007199254740993") },
        "length" to { it.pinStream(Endless(), length = -1) },
        "length" to { it.pinStream(Endless(), length = Long.MIN_VALUE) },
        "limit" to { it.listPins(ListOptions(limit = 0)) },
        "limit" to { it.listPins(ListOptions(limit = -1)) },
        "limit" to { it.pins(ListOptions(limit = Int.MIN_VALUE)).toList() },
        "offset" to { it.listPins(ListOptions(offset = -1)) },
        "keyvalues" to { it.listPins(ListOptions(keyvalues = mapOf("a" to half))) },
        "keyvalues" to { it.pinBytes(bytes, PinOptions(keyvalues = mapOf(half to "a"))) },
        "name" to { it.pinBytes(bytes, PinOptions(name = half)) },
        "profile" to { it.pinBytes(bytes, PinOptions(profile = Profile("odd"))) },
        "profile" to { computeCid(Content.of(bytes), Profile("")) },
        "timeout" to { it.pinBytes(bytes, PinOptions(timeout = (-1).seconds)) },
        "timeout" to { it.pinByCid("bafkqaaa", PinByCidOptions(timeout = -Duration.INFINITE)) },
        "attempts" to { it.pinBytes(bytes, PinOptions(retry = RetryPolicy(attempts = -1))) },
        "attempts" to { it.pinBytes(bytes, PinOptions(retry = RetryPolicy(attempts = 0))) },
        "base_delay" to { it.pinBytes(bytes, PinOptions(retry = RetryPolicy(baseDelay = (-1).seconds))) },
        "deadline" to { it.waitUntilPinned("x", deadline = (-1).seconds) },
        "concurrency" to { it.pinFiles(listOf(folder), concurrency = 0) },
        "concurrency" to { it.pinCids(listOf("bafkqaaa"), concurrency = -1) },
        "concurrency" to { it.unpinMany(listOf("x"), concurrency = Int.MIN_VALUE) },
        "concurrency" to { it.unpinManyAsCompleted(listOf("x"), concurrency = 0).toList() },
        "include" to { computeCid(Content.of(folder), walk = WalkOptions(include = listOf(half))) },
        "exclude" to { computeCid(Content.of(folder), walk = WalkOptions(exclude = listOf("a", half))) },
        "file_name" to { it.pinBytes(bytes, file = FileOptions(fileName = half)) },
        "content_type" to { it.pinBytes(bytes, file = FileOptions(contentType = "a\r\nb: c")) },
        "gateway" to { verify(Content.of(bytes), "bafkqaaa", "ftp://example.com") },
        "gateway" to { Pin("1", "bafkqaaa").gatewayUrl("no URL") },
        "status" to { it.finishUpload(prepared(it), -1, bytes) },
        "upload" to { PreparedUpload.fromJson("{}") },
        "verify" to { Verify.of("Report") },
        "sort_by" to { SortBy.of("") },
        "api_key" to { Client(Credentials("", "S")) },
        "secret_key" to { Client(Credentials("K", "a\nb")) },
        "rate_limit" to { Client(Credentials("K", "S"), rateLimit = RateLimit.perMinute(0)) },
        "rate_limit" to { Client(Credentials("K", "S"), rateLimit = RateLimit.perMinute(-1)) },
        "idle_timeout" to { Client(Credentials("K", "S"), idleTimeout = (-1).seconds) },
        "endpoint" to { Client(Credentials("K", "S"), endpoint = "no URL") },
        "proxy" to { Client(Credentials("K", "S"), proxy = "ftp://example.com") },
    )

    private suspend fun prepared(client: PinningClient) =
        client.prepareUpload(Content.of(bytes), folder.resolve("body-${System.nanoTime()}"))

    @TestFactory
    fun `what can't be used is refused by its name`(): List<DynamicTest> = odd().mapIndexed { index, (field, call) ->
        DynamicTest.dynamicTest("$index $field") {
            val refused = assertThrows<PinningException.InvalidInput> {
                runBlocking { client().use { call(it) } }
            }
            assertTrue(refused.field.orEmpty().startsWith(field), "${refused.field}: ${refused.message}")
        }
    }

    @Test
    fun `an item that can't be used is an error of its own`(): Unit = runBlocking {
        val odd = listOf(half, "", "odd")
        client().use { client ->
            val outcomes = client.pinCids(odd)
            assertEquals(odd.map { "cid" }, outcomes.map { it.error?.field })
            val files = listOf(
                FileItem(folder, name = half),
                FileItem(folder, keyvalues = mapOf("a" to half)),
                FileItem(folder.resolve("none")),
            )
            val errors = client.pinFiles(files).map { it.error }
            assertEquals(listOf("name", "keyvalues[\"a\"]"), errors.take(2).map { it?.field })
            assertTrue(errors.take(2).all { it is PinningException.InvalidInput }, "$errors")
            assertTrue(errors[2] is PinningException.LocalIo, "$errors")
            assertEquals("name", client.pinCids(listOf(CidItem("bafkqaaa", name = half))).single().error?.field)
            assertEquals(emptyList<Outcome<Pin>>(), client.pinFiles(emptyList<Path>()))
        }
    }

    @Test
    fun `a path of another file system is refused, and content in memory is taken`(): Unit = runBlocking {
        val archive = folder.resolve("it.zip")
        FileSystems.newFileSystem(archive, mapOf("create" to "true")).use { zip ->
            val within = zip.getPath("/a").apply { writeText("a") }
            val refused = assertThrows<PinningException.InvalidInput> { runBlocking { computeCid(Content.of(within)) } }
            assertEquals("content", refused.field)
            val same = computeCid(Content.of(Files.readAllBytes(within)))
            assertEquals(computeCid(Content.of("a".toByteArray())), same)
        }
    }

    @Test
    fun `a client can be faked, and its pins written down`(): Unit = runBlocking {
        val pin = Pin("1", "bafkqaaa", keyvalues = mapOf("a" to "b"), status = PinStatus("ODD"))
        client().use { real ->
            val fake = object : PinningClient by real {
                override suspend fun getPin(id: String) = pin
                override fun pins(list: ListOptions) = Pins(listOf(pin), listOf(UnreadablePin(3, null, "odd")))
            }
            val pins = fake.pins()
            assertEquals(listOf(fake.getPin("1")), pins.toList())
            assertEquals(listOf("odd"), pins.unreadable.map { it.reason })
        }
        assertEquals(pin, Json.decodeFromString(Pin.serializer(), Json.encodeToString(Pin.serializer(), pin)))
    }
}
