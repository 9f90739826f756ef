package w3pin

import java.time.Instant
import kotlin.reflect.KCallable
import kotlin.reflect.KClass
import kotlin.reflect.KFunction
import kotlin.reflect.KParameter
import kotlin.reflect.KProperty1
import kotlin.reflect.KVisibility
import kotlin.reflect.full.declaredMemberFunctions
import kotlin.reflect.full.declaredMemberProperties
import kotlin.reflect.full.primaryConstructor
import kotlin.reflect.full.valueParameters
import kotlin.reflect.jvm.kotlinFunction
import kotlin.time.Duration
import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonNull
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import kotlinx.serialization.json.buildJsonObject
import kotlinx.serialization.json.put

/** The package's surface, read from what was compiled. */
fun surface(): JsonObject = buildJsonObject {
    val operations = Client::class.declaredMemberFunctions.filter(::isOperation) + computeCidFunction()
    put("operations", JsonObject(operations.groupBy { it.name }.mapValues { (_, it) -> names(it.flatMap(::takes)) }))
    // Only languages with a way to say it have it: plain http to other machines is no setting of the contract.
    put("client", names(parameters(Client::class.primaryConstructor!!).mapNotNull { it.name } - "insecureHttp"))
    val types = listOf(
        Pin::class, Page::class, Totals::class, Verification::class, Progress::class, Root::class, Proof::class,
    )
    put("types", JsonObject(types.associate { it.simpleName!! to names(properties(it).map(KProperty1<*, *>::name)) }))
    put("error_kinds", names(PinningException::class.sealedSubclasses.map { it.simpleName!! }))
    put("error_fields", names(properties(PinningException::class).map(KProperty1<*, *>::name)))
}

private fun isOperation(function: KFunction<*>) =
    function.visibility == KVisibility.PUBLIC && function.name != "close"

private fun computeCidFunction(): KFunction<*> =
    Class.forName("w3pin.W3pin").methods.firstNotNullOf { method ->
        method.takeIf { it.name == "computeCid" }?.kotlinFunction
    }

/** The names of a function's arguments, with the options' own in place of each set of them. */
private fun takes(function: KFunction<*>): List<String> = parameters(function).flatMap { parameter ->
    val type = parameter.type.classifier as KClass<*>
    when (type.simpleName?.endsWith("Options")) {
        true -> parameters(type.primaryConstructor!!).map { it.name!! }
        else -> listOf(parameter.name!!)
    }
}

private fun parameters(function: KFunction<*>): List<KParameter> = function.valueParameters

private fun properties(type: KClass<*>) =
    type.declaredMemberProperties.filter { (it as KCallable<*>).visibility == KVisibility.PUBLIC }

private fun names(names: List<String>) = JsonArray(names.distinct().sorted().map(::JsonPrimitive))

/** A value as the contract writes it: names in snake case, times in milliseconds. */
fun plain(value: Any?): JsonElement = when (value) {
    null, is Unit -> JsonNull
    is Boolean -> JsonPrimitive(value)
    is Number -> JsonPrimitive(value)
    is String -> JsonPrimitive(value)
    is Instant -> JsonPrimitive(value.toString())
    is Duration -> JsonPrimitive(value.inWholeMilliseconds)
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
