package w3pin

/** What the API calls this one of a few. */
internal val Enum<*>.word: String get() = name.lowercase()

/** The one of a few that the API calls [word]. */
internal inline fun <reified T : Enum<T>> wordOf(field: String, word: String): T {
    val all = enumValues<T>()
    return all.find { it.word == word }
        ?: throw invalidInput(field, "$field can't be `$word`; it is one of ${all.joinToString { it.word }}")
}
