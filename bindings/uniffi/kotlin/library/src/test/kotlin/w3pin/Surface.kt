package w3pin

import kotlin.reflect.KClass
import kotlin.reflect.KFunction
import kotlin.reflect.KParameter
import kotlin.reflect.KProperty1
import kotlin.reflect.KType
import kotlin.reflect.KVisibility
import kotlin.reflect.full.declaredMemberFunctions
import kotlin.reflect.full.declaredMemberProperties
import kotlin.reflect.full.primaryConstructor
import kotlin.reflect.full.valueParameters
import kotlin.reflect.jvm.kotlinFunction
import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonNull
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import kotlinx.serialization.json.buildJsonObject
import kotlinx.serialization.json.put

/** The package's surface: the compiled classes, with the documentation of the sources. */
fun surface(): JsonObject = buildJsonObject {
    put("operations", JsonObject(operations().groupBy { it.name }.mapValues { (_, it) -> operation(it) }))
    put("client", parameters(Client::class))
    put("retry", parameters(RetryPolicy::class))
    put("types", JsonObject(types.associate { it.simpleName!! to fields(it) }))
    put("words", words())
    put("error_kinds", JsonObject(PinningException::class.sealedSubclasses.associate { it.simpleName!! to found(of(it).doc) }))
    put("error_fields", fields(PinningException::class))
}

private val sources = Sources(workspace.resolve("bindings/uniffi/kotlin/library/src/main/kotlin/w3pin"))

private val types = listOf(
    Pin::class, Page::class, UnreadablePin::class, Totals::class, Verification::class, Progress::class,
    PreparedUpload::class, UploadPreview::class, PreviewedFile::class, Proof::class, Root::class, PackedCar::class,
    Node::class, FolderEntry::class, Fetched::class, FetchProgress::class, Synced::class,
)

/** The types with the operations; no operation is in both. */
private val interfaces = listOf(PinningClient::class, ContentRetriever::class)

private fun operations(): List<KFunction<*>> =
    interfaces.flatMap { it.declaredMemberFunctions }.filter { it.name !in listOf("close", "retriever") } +
        Class.forName("w3pin.Functions").declaredMethods.mapNotNull { it.kotlinFunction }.filter { !it.name.contains('$') }

private fun operation(overloads: List<KFunction<*>>): JsonElement {
    val name = overloads.first().name
    val declarations = interfaces.flatMap { sources.all(name, it.simpleName) } + sources.all(name).filter { it.within == null }
    val takes = overloads.flatMap { it.valueParameters }.flatMap { parameter ->
        val type = parameter.type.classifier as KClass<*>
        if (type.simpleName!!.endsWith("Options")) {
            parameters(type).entries.map { it.key to it.value }
        } else {
            listOf(parameter.name!! to found(parameter, declarations.first()))
        }
    }
    return buildJsonObject {
        put("doc", declarations.joinToString("\n\n") { it.doc })
        put("takes", JsonObject(takes.groupBy({ it.first }, { it.second }).mapValues { (_, all) -> merged(all) }))
    }
}

/** A parameter of several overloads, with all of its types. */
private fun merged(all: List<JsonElement>): JsonElement {
    val types = all.map { (it as JsonObject).text("type") }.distinct().joinToString(" | ")
    return JsonObject((all.first() as JsonObject) + ("type" to JsonPrimitive(types)))
}

/** The parameters of a class. */
private fun parameters(type: KClass<*>) =
    JsonObject(type.primaryConstructor!!.valueParameters.associate { it.name!! to found(it, of(type)) })

private fun found(parameter: KParameter, declaration: Declaration): JsonElement {
    val name = parameter.name!!
    return found(declaration.docOf(name), nameOf(parameter.type), declaration.defaultOf(name)?.let(::default))
}

/** The readable properties of a type. */
private fun fields(type: KClass<*>): JsonObject {
    val properties = properties(type).map { it.name }
    val constructed = type.primaryConstructor!!.valueParameters.map { it.name!! }.toSet()
    val methods = if (type == Pin::class) listOf("gatewayUrl") else emptyList()
    return JsonObject(
        (properties + methods).associateWith { name ->
            found(if (name in constructed) of(type).docOf(name) else sources.one(name, type.simpleName).doc)
        },
    )
}

private fun words(): JsonElement {
    val enums =
        listOf(Verify::class, Symlinks::class, SymlinkPolicy::class, Pinned::class, SortBy::class, SortOrder::class)
    val words = enums.associate { type ->
        val entries = type.java.enumConstants.map { (it as Enum<*>).name }
        type.simpleName!! to JsonObject(entries.associateWith { found(sources.one(it, type.simpleName).doc) })
    }
    val profiles = Profile::class.java.fields.filter { it.type == Profile::class.java }.associate {
        (it.get(null) as Profile).name to found(sources.one(it.name, "Profile").doc)
    }
    return JsonObject(words + ("profile" to JsonObject(profiles)))
}

private fun of(type: KClass<*>) = sources.one(type.simpleName!!)

private fun found(doc: String, type: String? = null, default: JsonElement? = null): JsonElement = buildJsonObject {
    put("doc", doc)
    type?.let { put("type", it) }
    default?.takeIf { it != JsonNull }?.let { put("default", it) }
}

/** A type as it is written where its packages are imported. */
private fun nameOf(type: KType) = type.toString().replace(Regex("[a-z0-9_.]+\\.(?=[A-Z])"), "")

/** A default in the contract's words. */
private fun default(code: String): JsonElement = when {
    code == "null" -> JsonNull
    code == "true" || code == "false" -> JsonPrimitive(code.toBoolean())
    code == "emptyMap()" -> JsonObject(emptyMap())
    code == "emptyList()" -> JsonArray(emptyList())
    code.all { it.isDigit() } -> JsonPrimitive(code.toInt())
    code.startsWith("Profile.") -> JsonPrimitive(code.substringAfter('.').lowercase().replace('_', '-'))
    else -> JsonPrimitive(code.substringAfter('.').lowercase())
}

/** The public properties of a type. */
internal fun properties(type: KClass<*>): List<KProperty1<out Any, *>> =
    type.declaredMemberProperties.filter { it.visibility == KVisibility.PUBLIC }
