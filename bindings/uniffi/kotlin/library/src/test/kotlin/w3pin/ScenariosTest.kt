package w3pin

import java.net.URI
import java.net.http.HttpClient
import java.net.http.HttpRequest
import java.net.http.HttpRequest.BodyPublishers
import java.net.http.HttpResponse.BodyHandlers
import java.nio.file.Files
import java.nio.file.Path
import java.util.concurrent.ConcurrentSkipListSet
import kotlin.io.path.ExperimentalPathApi
import kotlin.io.path.createDirectories
import kotlin.io.path.createSymbolicLinkPointingTo
import kotlin.io.path.deleteRecursively
import kotlin.io.path.writeBytes
import kotlin.io.path.writeText
import kotlin.time.Duration.Companion.seconds
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import kotlinx.serialization.json.buildJsonObject
import kotlinx.serialization.json.jsonPrimitive
import kotlinx.serialization.json.put
import org.junit.jupiter.api.AfterAll
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.DynamicTest
import org.junit.jupiter.api.TestFactory
import org.junit.jupiter.api.TestInstance
import org.junit.jupiter.api.parallel.Execution
import org.junit.jupiter.api.parallel.ExecutionMode

/** Runs every scenario of the contract, and reports what ran and what the package has. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ScenariosTest {
    private val server = Program("w3pin-scenarios")
    private val http = HttpClient.newHttpClient()
    private val ran = ConcurrentSkipListSet<String>()

    @TestFactory
    @Execution(ExecutionMode.CONCURRENT)
    fun scenarios(): List<DynamicTest> =
        allScenarios().map { scenario -> DynamicTest.dynamicTest(scenario.text("id")) { run(scenario) } }

    @AfterAll
    fun writeDown() {
        server.close()
        val report = buildJsonObject {
            put("surface", surface())
            put("ran", JsonArray(ran.map(::JsonPrimitive)))
        }
        workspace.resolve("target/parity").createDirectories().resolve("kotlin.json").writeText(report.toString())
    }

    @OptIn(ExperimentalPathApi::class)
    private fun run(scenario: JsonObject) {
        val folder = Files.createTempDirectory("w3pin-")
        try {
            writeFiles(folder, scenario.part("files"))
            val begun = ask(HttpRequest.newBuilder(URI("${server.firstLine}/runs")).POST(body(scenario.text("id"))))
            val endpoint = begun.text("endpoint")
            val client = scenario.part("client")
            if ("environment" in client || "config" in client) {
                inItsEnvironment(scenario, folder, endpoint).judge(scenario)
            } else {
                play(scenario, folder, endpoint).judge(scenario)
            }
            val report = ask(HttpRequest.newBuilder(URI("${server.firstLine}/runs/${begun.text("run")}")))
            assertEquals(JsonArray(emptyList()), report["problems"])
            ran += scenario.text("id")
        } finally {
            folder.deleteRecursively()
        }
    }

    /** Runs a scenario in a separate process, since a process can't change its own environment. */
    private fun inItsEnvironment(scenario: JsonObject, folder: Path, endpoint: String): Played {
        val client = scenario.part("client")
        val process = ProcessBuilder(
            "${Path.of(System.getProperty("java.home"), "bin", "java")}",
            "-cp", System.getProperty("java.class.path"), "-Dw3pin.workspace=$workspace", "w3pin.OneScenarioKt", scenario.text("id"), "$folder", endpoint,
        )
        client.part("environment").forEach { (name, value) ->
            process.environment()[name] = value.jsonPrimitive.content.replace("{endpoint}", endpoint)
        }
        client["config"]?.let { config ->
            val file = Files.createTempFile(folder, "config", ".toml")
            file.writeText(config.jsonPrimitive.content.replace("{endpoint}", endpoint))
            process.environment()["W3PIN_CONFIG"] = "$file"
        }
        val running = process.redirectError(ProcessBuilder.Redirect.INHERIT).start()
        val said = running.inputStream.reader().readText()
        assertEquals(0, running.waitFor(), said)
        return Json.decodeFromString(said)
    }

    private fun body(text: String) = BodyPublishers.ofString(text)

    private fun ask(request: HttpRequest.Builder): JsonObject =
        Json.parseToJsonElement(http.send(request.build(), BodyHandlers.ofString()).body()) as JsonObject

    private fun writeFiles(folder: Path, files: JsonObject) = files.forEach { (name, given) ->
        val path = folder.resolve(name)
        if (name.endsWith("/")) {
            path.createDirectories()
        } else {
            path.parent.createDirectories()
            val link = (given as? JsonObject)?.get("link_to")
            if (link != null) {
                path.createSymbolicLinkPointingTo(Path.of(link.jsonPrimitive.content))
            } else {
                path.writeBytes(contentBytes(given))
            }
        }
    }
}

/** Runs a scenario, and returns its result. */
internal fun play(scenario: JsonObject, folder: Path, endpoint: String): Played {
    val play = Play(scenario, folder, endpoint)
    return Played.of(runCatching { runBlocking { withTimeout(60.seconds) { play.run() } } }, play.told)
}
