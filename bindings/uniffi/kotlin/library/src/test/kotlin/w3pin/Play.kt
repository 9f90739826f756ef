package w3pin

import java.net.URI
import java.net.http.HttpClient
import java.net.http.HttpRequest
import java.net.http.HttpRequest.BodyPublishers
import java.net.http.HttpResponse.BodyHandlers
import java.nio.file.Files
import java.nio.file.Path
import java.util.Collections
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.toList
import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import kotlinx.serialization.json.boolean
import kotlinx.serialization.json.int
import kotlinx.serialization.json.jsonArray
import kotlinx.serialization.json.jsonObject
import kotlinx.serialization.json.jsonPrimitive
import kotlinx.serialization.json.long
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse

/** One scenario's call. */
class Play(private val scenario: JsonObject, private val folder: Path, private val endpoint: String) {
    val told: MutableList<Progress> = Collections.synchronizedList(mutableListOf())
    private val given = scenario.part("arguments")
    private val options = scenario.part("options")

    suspend fun run(): Any? = client().use { client ->
        when (val operation = scenario.text("operation")) {
            "pin_file" -> client.pinFile(path(), pin(), file())
            "pin_car" -> client.pinCar(path(), pin())
            "pin_folder" -> when (val given = given.getValue("folder")) {
                is JsonObject -> client.pinFolder(files(given), pin(), walk())
                else -> client.pinFolder(path("folder"), pin(), walk())
            }
            "sync_folder" -> when (val folder = given.getValue("folder")) {
                is JsonObject -> client.syncFolder(files(folder), given.text("name"), sync(), walk())
                else -> client.syncFolder(path("folder"), given.text("name"), sync(), walk())
            }
            "pin_path" -> client.pinPath(path(), pin(), file(), walk())
            "pin_bytes" -> client.pinBytes(content(given.getValue("bytes")).toByteArray(), pin(), file())
            "pin_json" -> client.pinJson(given.getValue("value").toString(), pin(), file())
            "pin_stream" ->
                client.pinStream(texts(given, "stream").joinToString("").byteInputStream(), pin(), file(), long("length"))
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
            "pin_files" -> client.pinFiles(fileItems(), pin(), file(), walk(), concurrency())
            "pin_files_as_completed" ->
                inOrder(client.pinFilesAsCompleted(fileItems(), pin(), file(), walk(), concurrency()))
            "pin_cids" -> client.pinCids(cidItems(), pinByCid(), concurrency())
            "pin_cids_as_completed" -> inOrder(client.pinCidsAsCompleted(cidItems(), pinByCid(), concurrency()))
            "unpin_many" -> client.unpinMany(texts(given, "ids"), concurrency()).map(::unpinned)
            "unpin_many_as_completed" ->
                inOrder(client.unpinManyAsCompleted(texts(given, "ids"), concurrency())).map(::unpinned)
            "prepare_upload" -> {
                val upload = client.prepareUpload(contentOf("content"), path("body"), prepare(), file(), walk())
                val response = send(upload)
                client.finishUpload(kept(upload), response.first, response.second)
            }
            "finish_upload" -> {
                val upload = client.prepareUpload(contentOf("upload"), folder.resolve("body"), prepare(), file(), walk())
                val response = given.text("response").toByteArray()
                client.finishUpload(upload, given.getValue("status").jsonPrimitive.int, response)
            }
            "preview_upload" -> previewUpload(contentOf("content"), text("name"), profile(), walk())
            "compute_cid" -> computeCid(contentOf("content"), profile(), flag("empty_folders", true), walk())
            "pack_car" -> packCar(contentOf("content"), path("destination"), profile(), flag("empty_folders", true), walk())
                .also { assertEquals(Files.size(path("destination")), it.bytes) }
            "verify" -> verify(contentOf("content"), given.text("cid"), gateway(), walk())
            else -> PlayRetrieval(scenario, folder, endpoint, retry(scenario.part("client")["attempts"])).run(operation)
        }
    }

    private fun client(): Client {
        val settings = scenario.part("client")
        val leftOpen = settings["left_open"]?.jsonPrimitive?.boolean ?: false
        val apiKey = settings["api_key"]?.jsonPrimitive?.content
        val token = settings["token"]?.jsonPrimitive?.content
        if (leftOpen && apiKey != null) return half(apiKey)
        return Client(
            Credentials(apiKey ?: "CONTRACT-KEY", "CONTRACT-SECRET").takeUnless { leftOpen || token != null },
            settings["endpoint"]?.jsonPrimitive?.content ?: endpoint.takeUnless { leftOpen },
            insecureHttp = settings["insecure_http"]?.jsonPrimitive?.boolean,
            profile = settings["profile"]?.jsonPrimitive?.content?.let(::Profile),
            idleTimeout = settings.time("idle_timeout"),
            callTimeout = settings.time("call_timeout"),
            retry = retry(settings["attempts"]),
            api = settings["api"]?.jsonPrimitive?.content,
            token = token,
        )
    }

    /** Keys are passed in pairs, so both are set if a scenario sets one. */
    private fun half(apiKey: String): Client {
        val secretKey = scenario.part("client").part("environment").text("W3PIN_SECRET_KEY")
        return Client(Credentials(apiKey, secretKey), retry = retry(null))
    }

    /** Sends a prepared upload with Java's HTTP client. */
    private fun send(upload: PreparedUpload): Pair<Int, ByteArray> {
        val request = HttpRequest.newBuilder(URI(upload.url)).method(upload.method, BodyPublishers.ofFile(upload.body))
        // The HTTP stack sets it.
        upload.headers.filterKeys { it != "content-length" }.forEach(request::header)
        val response = HttpClient.newHttpClient().send(request.build(), BodyHandlers.ofByteArray())
        return response.statusCode() to response.body()
    }

    /** It may be kept until the response arrives. */
    private fun kept(upload: PreparedUpload): PreparedUpload {
        val json = upload.toJson()
        assertFalse("CONTRACT-" in json, "a key is kept: $json")
        assertFalse("CONTRACT-" in upload.toString(), "a key is shown: $upload")
        return PreparedUpload.fromJson(json)
    }

    private suspend fun <T : Any> inOrder(batch: Flow<Completed<T>>) =
        batch.toList().sortedBy { it.index }.map { it.outcome }

    private fun pin() = PinOptions(
        text("name"),
        keyvalues(options),
        text("profile")?.let(::Profile),
        text("verify")?.let(Verify::of) ?: Verify.REPORT,
        flag("skip_if_pinned"),
        flag("mark_attempt", true),
        options["progress"]?.let { { progress -> told += progress } },
        time("timeout"),
        options["retry"]?.let { retry(it.jsonObject["attempts"]) },
    )

    private fun sync() = SyncOptions(
        long("keep")?.toInt() ?: 3,
        keyvalues(options),
        text("profile")?.let(::Profile),
        if ("check_gateways" in options) texts(options, "check_gateways").map(::gateway) else emptyList(),
        flag("dry_run"),
        time("deadline"),
        options["progress"]?.let { { progress -> told += progress } },
        time("timeout"),
        options["retry"]?.let { retry(it.jsonObject["attempts"]) },
    )

    private fun prepare() = PrepareOptions(
        text("name"),
        keyvalues(options),
        text("profile")?.let(::Profile),
        text("verify")?.let(Verify::of) ?: Verify.REPORT,
        flag("mark_attempt", true),
    )

    private fun pinByCid() = PinByCidOptions(
        text("name"),
        keyvalues(options),
        flag("skip_if_pinned"),
        time("timeout"),
        options["retry"]?.let { retry(it.jsonObject["attempts"]) },
    )

    private fun list() = ListOptions(
        long("offset") ?: 0,
        long("limit")?.toInt(),
        text("pinned")?.let(Pinned::of) ?: Pinned.ALL,
        text("sort_by")?.let(SortBy::of) ?: SortBy.CREATED_AT,
        text("sort_order")?.let(SortOrder::of) ?: SortOrder.DESC,
        keyvalues(options),
    )

    private fun file() = FileOptions(text("file_name"), text("content_type"))

    private fun walk() = WalkOptions(
        flag("hidden"),
        text("symlinks")?.let(Symlinks::of),
        if ("include" in options) texts(options, "include") else emptyList(),
        if ("exclude" in options) texts(options, "exclude") else emptyList(),
        flag("gitignore"),
    )

    private fun retry(attempts: JsonElement?) =
        RetryPolicy(attempts?.jsonPrimitive?.int, 1.milliseconds, 5.milliseconds)

    private fun contentOf(name: String): Content {
        val content = given.part(name)
        return when {
            "path" in content -> Content.of(path(content.text("path"), folder))
            "bytes" in content -> Content.of(content.text("bytes").toByteArray())
            else -> Content.of(files(content))
        }
    }

    private fun files(folder: JsonObject) =
        folder.part("files").mapValues { it.value.jsonPrimitive.content.toByteArray() }

    private fun fileItems() = given.getValue("items").jsonArray.map { item ->
        when (item) {
            is JsonPrimitive -> FileItem(folder.resolve(item.content))
            else -> FileItem(folder.resolve(item.jsonObject.text("path")), name(item), keyvalues(item.jsonObject))
        }
    }

    private fun cidItems() = given.getValue("items").jsonArray.map { item ->
        when (item) {
            is JsonPrimitive -> CidItem(item.content)
            else -> CidItem(item.jsonObject.text("cid"), name(item), keyvalues(item.jsonObject))
        }
    }

    private fun name(item: JsonElement) = item.jsonObject["name"]?.jsonPrimitive?.content
    private fun path(name: String = "path") = path(given.text(name), folder)
    private fun texts(of: JsonObject, name: String) = (of.getValue(name) as JsonArray).map { it.jsonPrimitive.content }
    private fun concurrency() = options["concurrency"]?.jsonPrimitive?.int ?: 4
    private fun text(name: String) = options[name]?.jsonPrimitive?.content
    private fun long(name: String) = options[name]?.jsonPrimitive?.long
    private fun flag(name: String, unset: Boolean = false) = options[name]?.jsonPrimitive?.boolean ?: unset
    private fun profile() = text("profile")?.let(::Profile) ?: Profile.KUBO_CIDV1_LEGACY
    private fun gateway() = text("gateway")?.let(::gateway)
    private fun gateway(url: String) = url.replace("{gateway}", endpoint.removeSuffix("/api/pinning"))
    private fun time(name: String) = options.time(name)
    private fun keyvalues(of: JsonObject) = of.part("keyvalues").mapValues { it.value.jsonPrimitive.content }
}

/** The contract's result of an unpin is empty. */
private fun unpinned(outcome: Outcome<String>): Any = if (outcome.isSuccess) mapOf("ok" to null) else outcome

/** A path that is empty on purpose isn't joined. */
private fun path(text: String, folder: Path) = if (text.isEmpty()) Path.of("") else folder.resolve(text)

private fun JsonObject.time(name: String): Duration? = this[name]?.jsonPrimitive?.long?.milliseconds
