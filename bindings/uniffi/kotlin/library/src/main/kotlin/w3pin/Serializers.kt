package w3pin

import java.time.Instant
import java.time.OffsetDateTime
import java.time.format.DateTimeParseException
import kotlinx.serialization.KSerializer
import kotlinx.serialization.SerializationException
import kotlinx.serialization.descriptors.PrimitiveKind
import kotlinx.serialization.descriptors.PrimitiveSerialDescriptor
import kotlinx.serialization.encoding.Decoder
import kotlinx.serialization.encoding.Encoder

/** Writes a value as a text. */
internal fun <T> textSerializer(name: String, read: (String) -> T, write: (T) -> String): KSerializer<T> =
    object : KSerializer<T> {
        override val descriptor = PrimitiveSerialDescriptor(name, PrimitiveKind.STRING)

        override fun serialize(encoder: Encoder, value: T) = encoder.encodeString(write(value))

        override fun deserialize(decoder: Decoder): T = read(decoder.decodeString())
    }

/** Writes a date as RFC 3339 does. */
internal object DateSerializer : KSerializer<Instant> by textSerializer("w3pin.Date", ::date, Instant::toString)

private fun date(text: String): Instant = try {
    OffsetDateTime.parse(text).toInstant()
} catch (cause: DateTimeParseException) {
    throw SerializationException("$text isn't a date as in RFC 3339", cause)
}
