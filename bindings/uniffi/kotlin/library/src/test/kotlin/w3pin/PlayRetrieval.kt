package w3pin

import java.nio.channels.Channels
import java.nio.file.Path
import kotlin.io.path.invariantSeparatorsPathString
import kotlin.io.path.isSymbolicLink
import kotlin.io.path.readSymbolicLink
import kotlin.io.path.readText
import kotlin.io.path.relativeTo
import kotlin.io.path.walk
import kotlinx.coroutines.flow.toList
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.boolean
import kotlinx.serialization.json.int
import kotlinx.serialization.json.jsonArray
import kotlinx.serialization.json.jsonPrimitive
import kotlinx.serialization.json.long
import org.junit.jupiter.api.Assertions.assertEquals

/** One scenario's call that reads back. */
class PlayRetrieval(
    private val scenario: JsonObject,
    private val folder: Path,
    endpoint: String,
    private val retry: RetryPolicy,
) {
    private val given = scenario.part("arguments")
    private val options = scenario.part("options")
    private val gateway = endpoint.removeSuffix("/api/pinning")

    suspend fun run(operation: String): Any? = retriever().use { retriever ->
        val path = given.text("path")
        when (operation) {
            "resolve" -> retriever.resolve(path)
            "read" -> mapOf("bytes" to retriever.read(path, read()).decodeToString())
            "stream" -> mapOf("bytes" to retriever.stream(path, read()).toList().reduce(ByteArray::plus).decodeToString())
            "open" -> retriever.open(path).use { file ->
                mapOf("size" to file.size(), "bytes" to Channels.newInputStream(file).readAllBytes().decodeToString())
            }
            "list" -> retriever.list(path).toList()
            "fetch" -> fetch(retriever, path)
            else -> throw AssertionError("$operation isn't known")
        }
    }

    private suspend fun fetch(retriever: ContentRetriever, path: String): Any {
        val told = mutableListOf<FetchProgress>()
        val fetch = FetchOptions(
            options["overwrite"]?.jsonPrimitive?.boolean ?: false,
            options["concurrency"]?.jsonPrimitive?.int ?: 4,
            options["symlinks"]?.jsonPrimitive?.content?.let(SymlinkPolicy::of) ?: SymlinkPolicy.INSIDE,
            long("most_bytes"),
            long("most_entries"),
            options["on_progress"]?.let { { progress -> told += progress } },
        )
        val destination = folder.resolve(given.text("destination"))
        val fetched = retriever.fetch(path, destination, fetch)
        assertEquals("on_progress" in options, told.isNotEmpty())
        told.lastOrNull()?.let { assertEquals(fetched.bytes to fetched.files, it.bytes to it.files) }
        return (plain(fetched) as JsonObject) + ("disk" to plain(onDisk(destination)))
    }

    /** The files written, by their path below the destination; that of the destination itself is empty. */
    private fun onDisk(destination: Path): Map<String, String> =
        destination.walk().associate {
            val content = if (it.isSymbolicLink()) "-> ${it.readSymbolicLink()}" else it.readText()
            it.relativeTo(destination).invariantSeparatorsPathString to content
        }

    private fun retriever() = Retriever(
        (scenario.part("client")["gateways"]?.jsonArray?.map { it.jsonPrimitive.content } ?: listOf("{gateway}"))
            .map { it.replace("{gateway}", gateway) },
        environment = false,
        retry = retry,
    )

    private fun read() = ReadOptions(long("start") ?: 0, long("end"), long("most_bytes"))

    private fun long(name: String) = options[name]?.jsonPrimitive?.long
}
