package w3pin

import java.io.InputStream
import java.nio.file.Path
import kotlin.time.Duration
import kotlin.time.toJavaDuration
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.flow
import kotlinx.coroutines.runInterruptible
import w3pin.ffi.ByteSource
import w3pin.ffi.ClientSettings
import w3pin.ffi.ForeignFailure
import w3pin.ffi.ListSettings
import w3pin.ffi.NativeClient
import w3pin.ffi.WaitSettings

/**
 * A client of a pinning service, for any number of calls from any thread.
 *
 * Cancelling a coroutine stops its call, and a transfer with it. After [close], calls throw
 * [IllegalStateException].
 *
 * @throws PinningException.InvalidInput where a setting can't be used
 */
public class Client(
    apiKey: String,
    secretKey: String,
    endpoint: String? = null,
    insecureHttp: Boolean = false,
    profile: String? = null,
    connectTimeout: Duration? = null,
    idleTimeout: Duration? = null,
    callTimeout: Duration? = null,
    retry: RetryPolicy? = null,
    requestsPerMinute: Int? = null,
    proxy: String? = null,
    noProxy: Boolean = false,
    rootCertificatesPem: ByteArray? = null,
    platformRoots: Boolean = false,
    userAgent: String? = null,
) : AutoCloseable {
    private val native = translating {
        NativeClient(
            ClientSettings(
                apiKey, secretKey, endpoint, insecureHttp, profile, connectTimeout?.toJavaDuration(),
                idleTimeout?.toJavaDuration(), callTimeout?.toJavaDuration(), retry?.toSettings(),
                requestsPerMinute?.toUInt(), proxy, noProxy, rootCertificatesPem, platformRoots, userAgent,
            ),
        )
    }

    /** Pins a file. */
    public suspend fun pinFile(path: Path, options: PinOptions = PinOptions()): Pin =
        translating { native.pinFile(path.toString(), options.toSettings(), null).toPin() }

    /** Pins a folder and all below it. */
    public suspend fun pinFolder(path: Path, options: PinOptions = PinOptions()): Pin =
        translating { native.pinFolder(path.toString(), options.toSettings(), null).toPin() }

    /** Pins a file or a folder, whichever is there. */
    public suspend fun pinPath(path: Path, options: PinOptions = PinOptions()): Pin =
        translating { native.pinPath(path.toString(), options.toSettings(), null).toPin() }

    /** Pins bytes as a file. */
    public suspend fun pinBytes(bytes: ByteArray, options: PinOptions = PinOptions()): Pin =
        translating { native.pinBytes(bytes, options.toSettings(), null).toPin() }

    /** Pins a JSON document. */
    public suspend fun pinJson(json: String, options: PinOptions = PinOptions()): Pin =
        translating { native.pinJson(json, options.toSettings(), null).toPin() }

    /** Pins what a stream gives, without holding it all. It is read once and not closed. */
    public suspend fun pinStream(
        stream: InputStream,
        length: Long? = null,
        options: PinOptions = PinOptions(),
    ): Pin = translating {
        native.pinStream(StreamSource(stream), length?.toULong(), options.toSettings(), null).toPin()
    }

    /** Pins what has this CID. */
    public suspend fun pinByCid(cid: String, options: PinByCidOptions = PinByCidOptions()): Pin =
        translating { native.pinByCid(cid, options.toSettings(), null).toPin() }

    /** The pin with this id. */
    public suspend fun getPin(id: String): Pin = translating { native.getPin(id, null).toPin() }

    /** One page of the account's pins. */
    public suspend fun listPins(list: ListOptions = ListOptions()): Page =
        translating { native.listPins(list.toSettings(), null).toPage() }

    /** All of the account's pins; pages are read as they are needed. */
    public fun pins(list: ListOptions = ListOptions()): Flow<Pin> = flow {
        translating { native.pins(list.toSettings()) }.use { cursor ->
            while (true) {
                val page = translating { cursor.nextPage(null) } ?: break
                page.forEach { emit(it.toPin()) }
            }
        }
    }

    /** Removes a pin. */
    public suspend fun unpin(id: String): Unit = translating { native.unpin(id, null) }

    /** Looks at a pin until it is pinned. */
    public suspend fun waitUntilPinned(
        id: String,
        deadline: Duration? = null,
        firstDelay: Duration? = null,
        maxDelay: Duration? = null,
    ): Pin = translating {
        val policy = WaitSettings(
            deadline?.toJavaDuration(), firstDelay?.toJavaDuration(), maxDelay?.toJavaDuration(),
        )
        native.waitUntilPinned(id, policy, null).toPin()
    }

    /** Returns if the service knows the keys. */
    public suspend fun checkCredentials(): Unit = translating { native.checkCredentials(null) }

    /** Refuses further calls; what is under way may end. */
    override fun close(): Unit = native.shutdown()
}

/** Which of an account's pins, and in which order. */
public data class ListOptions(
    val offset: Long? = null,
    val limit: Int? = null,
    val pinned: Boolean? = null,
    val sortBy: SortBy? = null,
    val sortOrder: SortOrder? = null,
    val keyvalues: Map<String, String> = emptyMap(),
)

/** What pins are sorted by. */
public enum class SortBy(internal val word: String) { CREATED_AT("created_at"), SIZE("size"), NAME("name") }

/** In which order pins come. */
public enum class SortOrder(internal val word: String) { ASCENDING("asc"), DESCENDING("desc") }

private fun ListOptions.toSettings() = ListSettings(
    offset?.toULong(), limit?.toUInt(), pinned?.let { if (it) "pinned" else "unpinned" }, sortBy?.word,
    sortOrder?.word, keyvalues,
)

private class StreamSource(private val stream: InputStream) : ByteSource {
    override suspend fun read(): ByteArray? = try {
        val block = ByteArray(BLOCK)
        val length = runInterruptible(Dispatchers.IO) { stream.read(block) }
        if (length < 0) null else block.copyOf(length)
    } catch (thrown: java.io.IOException) {
        throw ForeignFailure.Thrown(thrown.toString())
    }

    private companion object {
        const val BLOCK = 256 * 1024
    }
}
