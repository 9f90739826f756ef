// A class of its own, which is only loaded where kotlinx-serialization-json is there.
@file:JvmName("PinJson")

package w3pin

import kotlinx.serialization.SerializationStrategy
import kotlinx.serialization.json.Json

/**
 * Pins a value as canonical JSON (RFC 8785), so that every language computes the same CID.
 *
 * The app must depend on kotlinx-serialization-json itself.
 *
 * ```kotlin
 * client.pinJson(cat, Cat.serializer(), PinOptions(name = "cat.json"))
 * ```
 *
 * @param value The value; integers beyond 2^53 aren't exact in JSON and are rejected.
 * @param serializer the serializer of the value
 * @param options how it is pinned
 * @param file how it is sent; the file is named after the pin, or `data.json`, unless set
 * @param json the JSON format
 */
@JvmSynthetic
public suspend fun <T> PinningClient.pinJson(
    value: T,
    serializer: SerializationStrategy<T>,
    options: PinOptions = PinOptions(),
    file: FileOptions = FileOptions(),
    json: Json = Json,
): Pin = pinJson(json.encodeToString(serializer, value), options, file)
