package w3pin

import java.nio.file.FileSystems
import java.nio.file.Path
import kotlin.io.path.createDirectory
import kotlin.io.path.writeText
import kotlin.time.Duration.Companion.seconds
import kotlinx.coroutines.flow.collect
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.DynamicTest
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.TestFactory
import org.junit.jupiter.api.assertThrows
import org.junit.jupiter.api.io.TempDir

/** Tests of every argument of a retriever with invalid values. No gateway listens, so nothing is sent. */
class RetrievalInputsTest {
    @TempDir
    private lateinit var folder: Path

    private val half = "\uD800"
    private val cid = "bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy"

    private fun odd(): List<Pair<String, suspend (ContentRetriever) -> Any?>> = listOf(
        "cid" to { it.resolve("") },
        "cid" to { it.resolve("odd") },
        "cid" to { it.resolve("$cid\u0000") },
        "cid" to { it.resolve("/ipns/example.com") },
        "cid" to { it.resolve("$cid/../secret") },
        "cid" to { it.resolve("ftp://example.com/ipfs/$cid") },
        "path" to { it.resolve(half) },
        "path" to { it.read("$cid/$half") },
        "path" to { it.fetch(half, folder.resolve("a")) },
        "cid" to { it.read("odd") },
        "cid" to { it.stream("odd").collect() },
        "path" to { it.stream(half).toList() },
        "cid" to { it.open(" ") },
        "cid" to { it.list("odd").toList() },
        "cid" to { it.fetch("odd", folder.resolve("a")) },
        "start" to { it.read(cid, ReadOptions(start = -1)) },
        "start" to { it.stream(cid, ReadOptions(start = Long.MIN_VALUE)).toList() },
        "end" to { it.read(cid, ReadOptions(end = -1)) },
        "end" to { it.read(cid, ReadOptions(start = 2, end = 1)) },
        "end" to { it.stream(cid, ReadOptions(start = 2, end = 1)).toList() },
        "most_bytes" to { it.read(cid, ReadOptions(mostBytes = -1)) },
        "destination" to { it.fetch(cid, Path.of("")) },
        "destination" to { it.fetch(cid, inArchive()) },
        "concurrency" to { it.fetch(cid, folder.resolve("a"), FetchOptions(concurrency = 0)) },
        "concurrency" to { it.fetch(cid, folder.resolve("a"), FetchOptions(concurrency = Int.MIN_VALUE)) },
        "most_bytes" to { it.fetch(cid, folder.resolve("a"), FetchOptions(mostBytes = -1)) },
        "most_entries" to { it.fetch(cid, folder.resolve("a"), FetchOptions(mostEntries = Long.MIN_VALUE)) },
        "gateways" to { Retriever(gateways = listOf(half)) },
        "gateways" to { Retriever(gateways = listOf("ftp://example.com")) },
        "idle_timeout" to { Retriever(idleTimeout = (-1).seconds) },
        "attempts" to { Retriever(retry = RetryPolicy(attempts = 0)) },
        "proxy" to { Retriever(proxy = "ftp://example.com") },
        "root_certificates_pem" to { Retriever(rootCertificatesPem = byteArrayOf(1)) },
        "user_agent" to { Retriever(userAgent = "a\nb") },
    )

    private fun inArchive() =
        FileSystems.newFileSystem(folder.resolve("${System.nanoTime()}.zip"), mapOf("create" to "true")).getPath("/a")

    @TestFactory
    fun `what can't be used is refused by its name`(): List<DynamicTest> = odd().mapIndexed { index, (field, call) ->
        DynamicTest.dynamicTest("$index $field") {
            val nowhere = Retriever(gateways = listOf("http://127.0.0.1:9"), retry = RetryPolicy(attempts = 1))
            val refused = assertThrows<PinningException.InvalidInput> { runBlocking { nowhere.use { call(it) } } }
            assertTrue(refused.field.orEmpty().startsWith(field), "${refused.field}: ${refused.message}")
        }
    }

    @Test
    fun `what isn't there or isn't a file is said so`(): Unit = runBlocking {
        LocalServer().use { server ->
            val site = server.client().use { it.pinFolder(mapOf("a/b" to byteArrayOf(1, 2, 3))).cid }
            val retriever = Retriever(gateways = listOf(server.gateway))
            val calls = listOf<suspend () -> Any?>(
                { retriever.read("$site/a") },
                { retriever.stream("$site/a").toList() },
                { retriever.open("$site/a") },
            )
            for (call in calls) {
                val refused = assertThrows<PinningException.InvalidInput> { runBlocking { call() } }
                assertEquals("path", refused.field)
            }
            assertEquals("path", assertThrows<PinningException.InvalidInput> { runBlocking { retriever.list("$site/a/b").toList() } }.field)
            assertThrows<PinningException.NotFound> { runBlocking { retriever.resolve("$site/none") } }
            assertThrows<PinningException.NotFound> { runBlocking { retriever.read(cid) } }
            assertEquals("most_bytes", assertThrows<PinningException.InvalidInput> { runBlocking { retriever.read("$site/a/b", ReadOptions(mostBytes = 2)) } }.field)
            assertEquals("start", assertThrows<PinningException.InvalidInput> { runBlocking { retriever.read("$site/a/b", ReadOptions(start = 4)) } }.field)

            val file = folder.resolve("file").apply { writeText("x") }
            assertThrows<PinningException.LocalIo> { runBlocking { retriever.fetch(site, file) } }
            assertThrows<PinningException.LocalIo> { runBlocking { retriever.fetch("$site/a/b", folder.resolve("d").createDirectory()) } }
            val few = FetchOptions(mostBytes = 2)
            assertEquals("most_bytes", assertThrows<PinningException.InvalidInput> { runBlocking { retriever.fetch(site, folder.resolve("few"), few) } }.field)
        }
    }
}
