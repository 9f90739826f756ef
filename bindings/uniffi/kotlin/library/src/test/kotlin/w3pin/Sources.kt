package w3pin

import java.nio.file.Path
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.readText

/** The package's declarations and their documentation, read from its sources. */
class Sources(folder: Path) {
    private val declarations = folder.listDirectoryEntries("*.kt").flatMap { declarations(it.readText()) }

    /** The declarations with this name, within the type if there is one. */
    fun all(name: String, within: String? = null): List<Declaration> =
        declarations.filter { it.name == name && (within == null || it.within == within) }

    fun one(name: String, within: String? = null): Declaration =
        all(name, within).firstOrNull() ?: throw AssertionError("${within.orEmpty()} $name has no documentation")
}

/** A declaration with documentation. */
class Declaration(val name: String, val within: String?, doc: String, code: String) {
    private val parts = doc.lines()
        .joinToString("\n") { it.trim().removePrefix("*").trim() }
        .split(Regex("\n(?=@)"))

    /** The documentation of the whole. */
    val doc: String = parts.first()

    private val tags = parts.drop(1).mapNotNull { Regex("@(?:param|property) (\\w+)\\s+([\\s\\S]+)").matchEntire(it) }
        .associate { it.groupValues[1] to it.groupValues[2] }

    /** The documentation of a parameter, or of a property of the constructor. */
    fun docOf(parameter: String): String =
        tags[parameter] ?: throw AssertionError("$parameter of $name has no documentation")

    private val defaults = Regex("(\\w+): $TYPE = ([^\\n]+?),?(?=\\n|\\) ?[:{]|\\)$)")
        .findAll(code.substringBefore("\n}").substringBefore(") {"))
        .associate { it.groupValues[1] to it.groupValues[2] }

    /** The default of a parameter, as written there. */
    fun defaultOf(parameter: String): String? = defaults[parameter]
}

/** A type, whose commas are within brackets. */
private const val TYPE = "(?:[^=\\n,<(]|<[^>]*>|\\((?:[^()]|\\([^)]*\\))*\\))+"

private val documented = Regex("/\\*\\*((?:(?!\\*/)[\\s\\S])*)\\*/\\s*(?:@[^\\n]*\\n\\s*)*")
private val named = Regex(
    "(?:public |override |suspend |data |enum |sealed |object )*" +
        "(?:(?:class|interface|fun|val|var) (?:<[^>]+> )?(?:(?:PinningClient|ContentRetriever)\\.)?(\\w+)|([A-Z][A-Z0-9_]*)\\b)",
)
private val type = Regex("(?:class|interface) (\\w+)")

private fun declarations(text: String): List<Declaration> = documented.findAll(text).mapNotNull { found ->
    val code = text.substring(found.range.last + 1)
    val name = named.matchAt(code, 0)?.groupValues?.drop(1)?.first { it.isNotEmpty() } ?: return@mapNotNull null
    val within = type.findAll(text.substring(0, found.range.first).replace(documented, "")).lastOrNull()
    Declaration(name, within?.groupValues?.get(1), found.groupValues[1].trim(), code.substringBefore("\n\n"))
}.toList()
