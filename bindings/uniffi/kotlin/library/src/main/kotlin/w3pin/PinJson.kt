// A class of its own, which is only loaded where kotlinx-serialization-json is there.
@file:JvmName("PinJson")

package w3pin

import kotlinx.serialization.SerializationStrategy
import kotlinx.serialization.json.Json

/**
 * Pins a value as canonical JSON (RFC 8785), so that every language computes the same CID.
 *
 * It takes kotlinx-serialization-json, which the app has to depend on itself.
 *
 * ```kotlin
 * client.pinJson(cat, Cat.serializer(), PinOptions(name = "cat.json"))
 * ```
 *
 * @param value The value; integers beyond 2^53 aren't exact in JSON and are rejected.
 * @param serializer what makes JSON of it
 * @param options how it is pinned
 * @param file how it is sent; the file is called by the pin's name, or `data.json`, unless set
 * @param json how JSON is made
 */
@JvmSynthetic
public suspend fun <T> PinningClient.pinJson(
    value: T,
    serializer: SerializationStrategy<T>,
    options: PinOptions = PinOptions(),
    file: FileOptions = FileOptions(),
    json: Json = Json,
): Pin = pinJson(json.encodeToString(serializer, value), options, file)
