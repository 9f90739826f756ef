package w3pin

// Kotlin's types say what can be given; this is for what Java can give all the same, and for what can't cross.

/** The text, where it is one: half of a surrogate pair isn't. */
internal fun String.text(field: String): String {
    var at = 0
    while (at < length) {
        at += when {
            !this[at].isSurrogate() -> 1
            at + 1 < length && Character.isSurrogatePair(this[at], this[at + 1]) -> 2
            else -> throw invalidInput(
                field,
                "$field has half of a character at ${at + 1}; give it whole, or leave it out",
            )
        }
    }
    return this
}

/** The list, where all of it is there. */
internal fun <T : Any> List<T>.whole(field: String): List<T> = onEachIndexed { index, item ->
    @Suppress("SENSELESS_COMPARISON", "USELESS_CAST")
    if ((item as Any?) == null) throw invalidInput(field, "$field[$index] is null; leave it out")
}

internal fun List<String>.texts(field: String): List<String> =
    whole(field).onEachIndexed { index, text -> text.text("$field[$index]") }

/** The map, where all of it is there. */
private fun <T : Any> Map<String, T>.whole(field: String): Map<String, T> = onEach { (key, value) ->
    @Suppress("SENSELESS_COMPARISON", "USELESS_CAST")
    when {
        (key as Any?) == null -> throw invalidInput(field, "$field has a key that is null; leave it out")
        (value as Any?) == null -> throw invalidInput(field, "$field[\"$key\"] is null; leave it out")
        else -> key.text(field)
    }
}

internal fun Map<String, String>.texts(field: String): Map<String, String> =
    whole(field).onEach { (key, value) -> value.text("$field[\"$key\"]") }

/** The bytes, where they are few enough to cross at once. */
internal fun ByteArray.crossing(field: String): ByteArray = apply { checkSize(field, size.toLong()) }

/** The files, where they are few enough to cross at once. */
internal fun Map<String, ByteArray>.crossing(field: String): Map<String, ByteArray> =
    whole(field).also { files -> checkSize(field, files.entries.sumOf { it.key.length * 3L + it.value.size + 8 }) }

private fun checkSize(field: String, size: Long) {
    if (size > MOST_BYTES) {
        throw invalidInput(field, "$field has $size bytes, and the most in memory is $MOST_BYTES; give it as a path or a stream")
    }
}

/** What a buffer of the JVM holds, with room for what is said of the bytes. */
private const val MOST_BYTES = Int.MAX_VALUE - 1024L * 1024
