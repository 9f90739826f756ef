package w3pin

import java.time.Instant
import kotlin.reflect.KClass
import kotlin.time.Duration
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonNull
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive

private val explicit = Json { encodeDefaults = true }

/** A value in the contract's format: names in snake case, times in milliseconds. */
fun plain(value: Any?): JsonElement = when (value) {
    null, is Unit -> JsonNull
    is JsonElement -> value
    is Boolean -> JsonPrimitive(value)
    is Number -> JsonPrimitive(value)
    is String -> JsonPrimitive(value)
    is Instant -> JsonPrimitive(value.toString())
    is Duration -> JsonPrimitive(value.inWholeMilliseconds)
    is PinningException.Kind -> JsonPrimitive(value.name.lowercase())
    is NodeKind -> JsonPrimitive(value.name.lowercase())
    is SyncOutcome -> JsonPrimitive(value.name.lowercase())
    is Pin -> explicit.encodeToJsonElement(Pin.serializer(), value)
    is List<*> -> JsonArray(value.map(::plain))
    is Map<*, *> -> JsonObject(value.entries.associate { (name, it) -> "$name" to plain(it) })
    is Outcome<*> -> JsonObject(
        value.error?.let { mapOf("error" to plain(it)) } ?: mapOf("ok" to plain(value.value)),
    )
    is PinningException -> described(value, PinningException::class)
    else -> described(value, value::class)
}

private fun described(value: Any, type: KClass<*>) = JsonObject(
    properties(type).associate { property ->
        val name = property.name.removePrefix(if (type == PinningException::class) "is" else "")
        val snake = name.replace(Regex("[A-Z]")) { "_${it.value.lowercase()}" }.removePrefix("_")
        snake to plain(property.getter.call(value))
    },
)
