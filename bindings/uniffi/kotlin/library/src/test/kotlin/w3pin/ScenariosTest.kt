package w3pin

import java.net.URI
import java.net.http.HttpClient
import java.net.http.HttpRequest
import java.net.http.HttpResponse.BodyHandlers
import java.nio.file.Files
import java.nio.file.Path
import java.time.Instant
import java.time.OffsetDateTime
import java.util.concurrent.ConcurrentSkipListSet
import kotlin.io.path.ExperimentalPathApi
import kotlin.io.path.createDirectories
import kotlin.io.path.createSymbolicLinkPointingTo
import kotlin.io.path.deleteRecursively
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.readText
import kotlin.io.path.writeText
import kotlinx.coroutines.runBlocking
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import kotlinx.serialization.json.buildJsonObject
import kotlinx.serialization.json.jsonArray
import kotlinx.serialization.json.jsonObject
import kotlinx.serialization.json.jsonPrimitive
import kotlinx.serialization.json.put
import org.junit.jupiter.api.AfterAll
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.DynamicTest
import org.junit.jupiter.api.TestFactory
import org.junit.jupiter.api.TestInstance
import org.junit.jupiter.api.parallel.Execution
import org.junit.jupiter.api.parallel.ExecutionMode

/** Runs every scenario of the contract, and writes down what ran and what the package has. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ScenariosTest {
    private val server = Program("-p", "w3pin-contract", "--bin", "w3pin-scenarios")
    private val http = HttpClient.newHttpClient()
    private val ran = ConcurrentSkipListSet<String>()

    @TestFactory
    @Execution(ExecutionMode.CONCURRENT)
    fun scenarios(): List<DynamicTest> = workspace.resolve("crates/contract/scenarios")
        .listDirectoryEntries("*.json")
        .sorted()
        .flatMap { Json.parseToJsonElement(it.readText()).jsonObject.getValue("scenarios").jsonArray }
        .map { it.jsonObject }
        .map { scenario -> DynamicTest.dynamicTest(scenario.text("id")) { run(scenario) } }

    @AfterAll
    fun writeDown() {
        server.close()
        val face = buildJsonObject {
            put("surface", surface())
            put("ran", JsonArray(ran.map(::JsonPrimitive)))
        }
        workspace.resolve("target/parity").createDirectories().resolve("kotlin.json").writeText(face.toString())
    }

    @OptIn(ExperimentalPathApi::class)
    private fun run(scenario: JsonObject) {
        val folder = Files.createTempDirectory("w3pin-")
        try {
            writeFiles(folder, scenario.part("files"))
            val begun = ask(HttpRequest.newBuilder(URI("${server.firstLine}/runs")).POST(body(scenario.text("id"))))
            val play = Play(scenario, folder, begun.text("endpoint"))
            val outcome = runCatching { runBlocking { play.run() } }
            judge(scenario.part("expect"), outcome)
            if ("progress" in scenario.part("options")) judge(play.told)
            val report = ask(HttpRequest.newBuilder(URI("${server.firstLine}/runs/${begun.text("run")}")))
            assertEquals(JsonArray(emptyList()), report["problems"])
            ran += scenario.text("id")
        } finally {
            folder.deleteRecursively()
        }
    }

    private fun body(text: String) = HttpRequest.BodyPublishers.ofString(text)

    private fun ask(request: HttpRequest.Builder): JsonObject =
        Json.parseToJsonElement(http.send(request.build(), BodyHandlers.ofString()).body()).jsonObject

    private fun judge(told: List<Progress>) {
        assertTrue(told.isNotEmpty(), "progress is told")
        assertEquals(told.map { it.bytesSent }.sorted(), told.map { it.bytesSent }, "it rises")
        assertEquals(told.last().bytesTotal, told.last().bytesSent, "it ends with all bytes")
    }

    private fun judge(expected: JsonObject, outcome: Result<Any?>) {
        val error = expected["error"]?.jsonObject
        if (error == null) {
            match(expected.getValue("result"), plain(outcome.getOrThrow()), "result")
            return
        }
        val thrown = outcome.exceptionOrNull() ?: throw AssertionError("it succeeded with ${outcome.getOrNull()}")
        if (thrown !is PinningException) throw thrown
        match(JsonObject(error - "says"), plain(thrown), "error")
        error["says"]?.let { assertTrue(it.jsonPrimitive.content in thrown.message!!, thrown.message) }
    }

    private fun match(expected: JsonElement, found: JsonElement, at: String) {
        val part = (expected as? JsonPrimitive)?.takeIf { it.isString }?.content
        when {
            part?.startsWith("{contains:") == true -> {
                val wanted = part.removePrefix("{contains:").dropLast(1)
                assertTrue(wanted in found.jsonPrimitive.content, "$at: $found doesn't hold $wanted")
            }
            expected is JsonArray -> {
                assertEquals(expected.size, found.jsonArray.size, at)
                expected.forEachIndexed { i, it -> match(it, found.jsonArray[i], "$at[$i]") }
            }
            expected is JsonObject -> expected.forEach { (name, value) ->
                match(value, found.jsonObject[name] ?: throw AssertionError("$at has no $name"), "$at.$name")
            }
            part != null && Regex("date_(un)?pinned$").containsMatchIn(at) ->
                assertEquals(OffsetDateTime.parse(part).toInstant(), Instant.parse(found.jsonPrimitive.content), at)
            else -> assertEquals(expected, found, at)
        }
    }

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
                path.writeText(content(given))
            }
        }
    }
}

fun JsonObject.text(name: String): String = getValue(name).jsonPrimitive.content

fun JsonObject.part(name: String): JsonObject = this[name]?.jsonObject ?: JsonObject(emptyMap())

/** A text, or one text many times. */
fun content(given: JsonElement): String = when (given) {
    is JsonObject -> given.text("repeat").repeat(given.text("times").toInt())
    else -> given.jsonPrimitive.content
}
