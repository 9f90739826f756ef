package w3pin

import java.nio.file.Path
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds
import kotlinx.coroutines.flow.toList
import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.boolean
import kotlinx.serialization.json.int
import kotlinx.serialization.json.jsonArray
import kotlinx.serialization.json.jsonObject
import kotlinx.serialization.json.jsonPrimitive
import kotlinx.serialization.json.long

/** One scenario's call. */
class Play(private val scenario: JsonObject, private val folder: Path, private val endpoint: String) {
    val told = mutableListOf<Progress>()
    private val given = scenario.part("arguments")
    private val options = scenario.part("options")

    suspend fun run(): Any? = client().use { client ->
        when (val operation = scenario.text("operation")) {
            "pin_file" -> client.pinFile(path(), pin())
            "pin_folder" -> client.pinFolder(path(), pin(), hidden(), symlinks())
            "pin_path" -> client.pinPath(path(), pin(), hidden(), symlinks())
            "pin_bytes" -> client.pinBytes(content(given.getValue("bytes")).toByteArray(), pin())
            "pin_json" -> client.pinJson(given.getValue("value").toString(), pin())
            "pin_stream" -> client.pinStream(texts("stream").joinToString("").byteInputStream(), pin())
            "pin_by_cid" -> client.pinByCid(given.text("cid"), pinByCid())
            "get_pin" -> client.getPin(given.text("id"))
            "list_pins" -> client.listPins(list())
            "pins" -> client.pins(list()).toList()
            "unpin" -> client.unpin(given.text("id"))
            "wait_until_pinned" -> client.waitUntilPinned(
                given.text("id"),
                time("deadline") ?: 10.seconds,
                time("first_delay") ?: 1.milliseconds,
                time("max_delay") ?: 5.milliseconds,
            )
            "check_credentials" -> client.checkCredentials()
            "pin_files" ->
                client.pinFiles(texts("paths").map(folder::resolve), pin(), hidden(), symlinks(), concurrency())
            "pin_cids" -> client.pinCids(texts("cids"), pinByCid(), concurrency())
            "unpin_many" -> client.unpinMany(texts("ids"), concurrency())
            "compute_cid" -> computeCid(path(), text("profile"), hidden(), symlinks())
            "verify" -> verify(client, given.part("content"))
            else -> throw AssertionError("$operation isn't known")
        }
    }

    private fun client(): Client {
        val settings = scenario.part("client")
        return Client(
            Credentials(settings["api_key"]?.jsonPrimitive?.content ?: "CONTRACT-KEY", "CONTRACT-SECRET"),
            settings["endpoint"]?.jsonPrimitive?.content ?: endpoint,
            profile = settings["profile"]?.jsonPrimitive?.content,
            idleTimeout = settings.time("idle_timeout"),
            callTimeout = settings.time("call_timeout"),
            retry = retry(settings["attempts"]),
        )
    }

    private suspend fun verify(client: Client, content: JsonObject): Proof {
        val gateway = text("gateway")?.replace("{gateway}", endpoint.removeSuffix("/api/pinning"))
        val cid = given.text("cid")
        return when (val path = content["path"]) {
            null -> client.verify(content(content.getValue("bytes")).toByteArray(), cid, gateway)
            else -> client.verify(folder.resolve(path.jsonPrimitive.content), cid, gateway, hidden(), symlinks())
        }
    }

    private fun pin() = PinOptions(
        text("name"),
        keyvalues(),
        text("profile"),
        text("verify")?.let(Verify::of),
        flag("skip_if_pinned"),
        options["progress"]?.let { { progress -> told += progress } },
        time("timeout"),
        options["retry"]?.let { retry(it.jsonObject["attempts"]) },
    )

    private fun pinByCid() = PinByCidOptions(
        text("name"),
        keyvalues(),
        flag("skip_if_pinned"),
        time("timeout"),
        options["retry"]?.let { retry(it.jsonObject["attempts"]) },
    )

    private fun list() = ListOptions(
        options["offset"]?.jsonPrimitive?.long,
        options["limit"]?.jsonPrimitive?.int,
        text("pinned")?.let(Pinned::of),
        text("sort_by")?.let(SortBy::of),
        text("sort_order")?.let(SortOrder::of),
        keyvalues(),
    )

    private fun retry(attempts: JsonElement?) =
        RetryPolicy(attempts?.jsonPrimitive?.int, 1.milliseconds, 5.milliseconds)

    private fun path() = folder.resolve(given.text("path"))
    private fun texts(name: String) = (given.getValue(name) as JsonArray).map { it.jsonPrimitive.content }
    private fun concurrency() = given["concurrency"]?.jsonPrimitive?.int
    private fun text(name: String) = options[name]?.jsonPrimitive?.content
    private fun flag(name: String) = options[name]?.jsonPrimitive?.boolean ?: false
    private fun hidden() = flag("hidden")
    private fun symlinks() = text("symlinks")?.let(Symlinks::of)
    private fun time(name: String) = options.time(name)
    private fun keyvalues() = options.part("keyvalues").mapValues { it.value.jsonPrimitive.content }
}

private fun JsonObject.time(name: String): Duration? = this[name]?.jsonPrimitive?.long?.milliseconds
