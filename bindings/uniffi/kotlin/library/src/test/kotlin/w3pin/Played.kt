package w3pin

import java.util.HexFormat
import java.time.Instant
import java.time.OffsetDateTime
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.readText
import kotlinx.serialization.Serializable
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import kotlinx.serialization.json.jsonArray
import kotlinx.serialization.json.jsonObject
import kotlinx.serialization.json.jsonPrimitive
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue

/** The result of a scenario's call, in the contract's format. */
@Serializable
class Played(
    private val result: JsonElement?,
    private val error: JsonElement?,
    private val message: String,
    private val sent: List<Long>,
    private val total: Long?,
) {
    /** Compares it with what the scenario expects. */
    fun judge(scenario: JsonObject) {
        val expected = scenario.part("expect")
        val expectedError = expected["error"]?.jsonObject
        if (expectedError == null) {
            match(expected.getValue("result"), result ?: throw AssertionError("it failed: $message"), "result")
        } else {
            match(JsonObject(expectedError - "says"), error ?: throw AssertionError("it gave $result"), "error")
            expectedError["says"]?.let { assertTrue(it.jsonPrimitive.content in message, message) }
        }
        if ("progress" in scenario.part("options")) {
            assertTrue(sent.isNotEmpty(), "progress is told")
            assertEquals(sent.sorted(), sent, "it rises")
            assertEquals(total, sent.last(), "it ends with all bytes")
        }
    }

    companion object {
        fun of(outcome: Result<Any?>, told: List<Progress>): Played {
            val thrown = outcome.exceptionOrNull()
            if (thrown != null && thrown !is PinningException) throw thrown
            return Played(
                if (thrown == null) plain(outcome.getOrThrow()) else null,
                thrown?.let(::plain),
                thrown?.message.orEmpty(),
                told.map { it.bytesSent },
                told.lastOrNull()?.bytesTotal,
            )
        }
    }
}

fun allScenarios(): List<JsonObject> = workspace.resolve("crates/contract/scenarios")
    .listDirectoryEntries("*.json")
    .sorted()
    .flatMap { Json.parseToJsonElement(it.readText()).jsonObject.getValue("scenarios").jsonArray }
    .map { it.jsonObject }

fun JsonObject.text(name: String): String = getValue(name).jsonPrimitive.content

fun JsonObject.part(name: String): JsonObject = this[name]?.jsonObject ?: JsonObject(emptyMap())

/** The content of a file: bytes in hexadecimal, a text, or a repeated text. */
fun contentBytes(given: JsonElement): ByteArray =
    (given as? JsonObject)?.get("hex")?.jsonPrimitive?.content?.let(HexFormat.of()::parseHex) ?: content(given).toByteArray()

/** A text, or a repeated text. */
fun content(given: JsonElement): String = when (given) {
    is JsonObject -> given.text("repeat").repeat(given.text("times").toInt())
    else -> given.jsonPrimitive.content
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
