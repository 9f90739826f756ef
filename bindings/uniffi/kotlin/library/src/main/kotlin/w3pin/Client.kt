package w3pin

import java.io.InputStream
import java.nio.file.Path
import kotlin.time.Duration
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.flow
import w3pin.ffi.AccountKeys
import w3pin.ffi.ClientSettings
import w3pin.ffi.LocalSettings
import w3pin.ffi.NativeClient
import w3pin.ffi.PinRecord
import w3pin.ffi.UploadSettings
import w3pin.ffi.WaitSettings

/**
 * A client of a pinning service, for one account and any number of calls from any thread.
 *
 * While content goes out, its CID is computed from the same bytes, so the pin that comes back says whether
 * the service pinned what was sent. Calls that fail for a passing reason are tried again, without pinning
 * twice. Cancelling a coroutine stops its call and closes its connection. From Java, see [FutureClient].
 *
 * ```kotlin
 * Client(Credentials("API_KEY", "SECRET_KEY")).use { client ->
 *     val pin = client.pinFolder(Path("site"), PinOptions(name = "my site"))
 *     client.pins().collect { println("${it.cid} ${it.name}") }
 * }
 * ```
 *
 * Calls throw a [PinningException] where they fail, and an [IllegalStateException] after [close].
 *
 * @param credentials the account's keys; unless given, keys and endpoint come from `W3PIN_API_KEY`,
 *   `W3PIN_SECRET_KEY` and `W3PIN_ENDPOINT`, or from w3pin's config file
 * @param endpoint a URL, or `attoaioz`, `w3ipfs-storage`, `w3ipfs` or `aiozpin`
 * @param insecureHttp allows plain http to other machines, which anyone on the way can read
 * @param profile the layout in which the service imports files; `kubo-cidv1-legacy` unless set
 * @param connectTimeout how long until there is a connection; 10 s unless set
 * @param idleTimeout how long a request or its answer may get no further; 60 s unless set
 * @param callTimeout how long a whole call may take, with all its tries; 60 s unless set. Uploads aren't
 *   limited by it.
 * @param retry how often calls are tried
 * @param pacing requests a minute; 0 is no limit. Unless set, the service's own limit, and none on this
 *   machine.
 * @param proxy sends every request through this proxy: `http://`, `https://`, `socks5://` or `socks5h://`
 * @param noProxy sends no request through a proxy, whatever the environment says
 * @param rootCertificatesPem trusts these root certificates too, one or more in PEM
 * @param platformRoots trusts the operating system's root certificates instead of Mozilla's, which come
 *   along. Android's are out of reach.
 * @param userAgent the name that the service sees
 * @throws PinningException.InvalidInput where a key is missing or a setting can't be used
 */
public class Client(
    credentials: Credentials? = null,
    endpoint: String? = null,
    insecureHttp: Boolean = false,
    profile: String? = null,
    connectTimeout: Duration? = null,
    idleTimeout: Duration? = null,
    callTimeout: Duration? = null,
    retry: RetryPolicy? = null,
    pacing: Int? = null,
    proxy: String? = null,
    noProxy: Boolean = false,
    rootCertificatesPem: String? = null,
    platformRoots: Boolean = false,
    userAgent: String? = null,
) : AutoCloseable {
    private val native = calling {
        NativeClient(
            ClientSettings(
                credentials?.let { AccountKeys(it.apiKey, it.secretKey) },
                endpoint,
                insecureHttp,
                profile,
                connectTimeout?.toTime("connect_timeout"),
                idleTimeout?.toTime("idle_timeout"),
                callTimeout?.toTime("call_timeout"),
                retry?.toSettings(),
                pacing?.toCount("pacing"),
                proxy,
                noProxy,
                rootCertificatesPem?.toByteArray(),
                platformRoots,
                userAgent,
            ),
        )
    }

    /** Where the service is. */
    public val endpoint: String get() = calling { native.endpoint() }

    /**
     * Pins a file by sending it.
     *
     * @throws PinningException.LocalIo where it can't be read
     * @throws PinningException.InvalidInput where it is empty or a folder
     * @throws PinningException.CidMismatch where proof is required and missing
     */
    public suspend fun pinFile(path: Path, options: PinOptions = PinOptions()): Pin =
        upload(options) { settings, _ -> native.pinFile(path.toString(), settings, null) }

    /**
     * Pins a folder, with all files in it. Its root is the folder itself; folders without files are left out.
     *
     * @param hidden sends hidden files and folders, whose names begin with a dot, too
     * @param symlinks what becomes of symbolic links; [Symlinks.REFUSE] unless set
     */
    public suspend fun pinFolder(
        path: Path,
        options: PinOptions = PinOptions(),
        hidden: Boolean = false,
        symlinks: Symlinks? = null,
    ): Pin = upload(options, hidden, symlinks) { settings, _ ->
        native.pinFolder(path.toString(), settings, null)
    }

    /** Pins a file or a folder, whichever is at [path]; otherwise as [pinFolder]. */
    public suspend fun pinPath(
        path: Path,
        options: PinOptions = PinOptions(),
        hidden: Boolean = false,
        symlinks: Symlinks? = null,
    ): Pin = upload(options, hidden, symlinks) { settings, _ ->
        native.pinPath(path.toString(), settings, null)
    }

    /** Pins bytes in memory. The file is called by the pin's name, or `bytes`. */
    public suspend fun pinBytes(bytes: ByteArray, options: PinOptions = PinOptions()): Pin =
        upload(options) { settings, _ -> native.pinBytes(bytes, settings, null) }

    /**
     * Pins a JSON document. The file is called by the pin's name, or `data.json`.
     *
     * @param value the document, as JSON text
     */
    public suspend fun pinJson(value: String, options: PinOptions = PinOptions()): Pin =
        upload(options) { settings, _ -> native.pinJson(value, settings, null) }

    /**
     * Pins what a stream gives, at the pace at which it is sent: a slow network never makes memory grow. The
     * file is called by the pin's name, or `stream`. Once it has begun it can't be sent again: if its answer
     * is lost, the pin is looked for. What the stream throws is thrown. It isn't closed.
     */
    public suspend fun pinStream(stream: InputStream, options: PinOptions = PinOptions()): Pin =
        upload(options) { settings, call -> native.pinStream(StreamSource(call, stream), settings, null) }

    /** Pins content that is on IPFS already. The service fetches it, which may take long or never end. */
    public suspend fun pinByCid(cid: String, options: PinByCidOptions = PinByCidOptions()): Pin =
        calling { native.pinByCid(cid, options.toSettings(), null).toPin() }

    /** Retrieves a pin. */
    public suspend fun getPin(id: String): Pin = calling { native.getPin(id, null).toPin() }

    /** Lists one page of the account's pins. */
    public suspend fun listPins(list: ListOptions = ListOptions()): Page =
        calling { native.listPins(list.toSettings(), null).toPage() }

    /** Lists all pins, page by page as they are collected; [ListOptions.limit] is the size of a page. */
    public fun pins(list: ListOptions = ListOptions()): Flow<Pin> = flow {
        Pages(list).use { pages ->
            while (true) {
                val page = pages.next() ?: break
                page.forEach { emit(it) }
            }
        }
    }

    /** Unpins content. Where the answer is lost and the pin is gone when asked again, that is a success. */
    public suspend fun unpin(id: String): Unit = calling { native.unpin(id, null) }

    /**
     * Looks at a pin until its content is pinned.
     *
     * @param deadline how long to wait in all; 10 minutes unless set
     * @param firstDelay how long between the first two looks; 1 s unless set. It grows with every further one.
     * @param maxDelay the longest wait between two looks; 30 s unless set
     * @throws PinningException.Timeout where it takes longer
     */
    public suspend fun waitUntilPinned(
        id: String,
        deadline: Duration? = null,
        firstDelay: Duration? = null,
        maxDelay: Duration? = null,
    ): Pin = calling {
        val policy = WaitSettings(
            deadline?.toTime("deadline"),
            firstDelay?.toTime("first_delay"),
            maxDelay?.toTime("max_delay"),
        )
        native.waitUntilPinned(id, policy, null).toPin()
    }

    /** Asks whether the service accepts the credentials; throws [PinningException.Authentication] if not. */
    public suspend fun checkCredentials(): Unit = calling { native.checkCredentials(null) }

    /**
     * Pins each of these files or folders for itself; one outcome for each, in their order.
     *
     * @param concurrency calls that are under way at any moment; 4 unless set
     */
    public suspend fun pinFiles(
        paths: List<Path>,
        options: PinOptions = PinOptions(),
        hidden: Boolean = false,
        symlinks: Symlinks? = null,
        concurrency: Int? = null,
    ): List<Outcome<Pin>> = uploading(options, hidden, symlinks) { settings, _ ->
        native.pinFiles(paths.map(Path::toString), concurrency?.atOnce(), settings, null).map { Outcome.pin(it) }
    }

    /**
     * Pins each of these CIDs; one outcome for each, in their order.
     *
     * @param concurrency calls that are under way at any moment; 4 unless set
     */
    public suspend fun pinCids(
        cids: List<String>,
        options: PinByCidOptions = PinByCidOptions(),
        concurrency: Int? = null,
    ): List<Outcome<Pin>> =
        calling { native.pinCids(cids, concurrency?.atOnce(), options.toSettings(), null).map { Outcome.pin(it) } }

    /**
     * Unpins each of these pins; one outcome for each, in their order.
     *
     * @param concurrency calls that are under way at any moment; 4 unless set
     */
    public suspend fun unpinMany(ids: List<String>, concurrency: Int? = null): List<Outcome<Unit>> =
        calling { native.unpinMany(ids, concurrency?.atOnce(), null).map { Outcome.unit(it) } }

    /**
     * Proves that the DAG under [cid] is the file or folder at a path, whatever its layout. The small blocks
     * that hold links are fetched from a gateway, which needs no trust.
     *
     * @param content where the file or folder is
     * @param gateway the gateway to fetch blocks from
     * @param hidden counts a folder's hidden files too
     * @param symlinks what becomes of symbolic links; [Symlinks.PRESERVE] unless set
     * @throws PinningException.CidMismatch where the content differs, with the path and offset of the first
     *   difference
     */
    public suspend fun verify(
        content: Path,
        cid: String,
        gateway: String? = null,
        hidden: Boolean = false,
        symlinks: Symlinks? = null,
    ): Proof = calling {
        val settings = LocalSettings(null, hidden, symlinks?.word, gateway)
        native.verifyPath(content.toString(), cid, settings, null).toProof()
    }

    /** Proves that the DAG under [cid] is these bytes, as [verify] of a path does. */
    public suspend fun verify(content: ByteArray, cid: String, gateway: String? = null): Proof = calling {
        native.verifyBytes(content, cid, LocalSettings(null, false, null, gateway), null).toProof()
    }

    /** Stops every call that is under way; later ones throw [IllegalStateException]. */
    override fun close(): Unit = native.shutdown()

    private suspend fun upload(
        options: PinOptions,
        hidden: Boolean = false,
        symlinks: Symlinks? = null,
        send: suspend (UploadSettings, GuardedCall) -> PinRecord,
    ): Pin = uploading(options, hidden, symlinks, send).toPin()

    private suspend fun <T> uploading(
        options: PinOptions,
        hidden: Boolean,
        symlinks: Symlinks?,
        send: suspend (UploadSettings, GuardedCall) -> T,
    ): T {
        val call = GuardedCall()
        val listener = options.progress?.let { Listener(call, it) }
        return call.run { send(options.toSettings(listener, hidden, symlinks), call) }
    }

    /** The account's pins, page by page. */
    internal inner class Pages(list: ListOptions) : AutoCloseable {
        private val cursor = calling { native.pins(list.toSettings()) }

        /** The next pins, which are at least one; none after the last. */
        suspend fun next(): List<Pin>? = calling { cursor.nextPage(null)?.map { it.toPin() } }

        override fun close() = cursor.close()
    }
}
