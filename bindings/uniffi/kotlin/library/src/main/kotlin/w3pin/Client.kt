package w3pin

import java.io.InputStream
import java.nio.file.Path
import kotlin.time.Duration
import kotlinx.coroutines.flow.Flow
import w3pin.ffi.BytePipe
import w3pin.ffi.ClientSettings
import w3pin.ffi.LocalContent
import w3pin.ffi.NativeClient
import w3pin.ffi.PinRecord
import w3pin.ffi.ProgressFeed
import w3pin.ffi.SyncSettings
import w3pin.ffi.SyncedRecord
import w3pin.ffi.UploadSettings
import w3pin.ffi.VerifySettings
import w3pin.ffi.WaitSettings

/**
 * A client of a pinning service, for one account and any number of calls from any thread.
 *
 * While content is sent, its CID is computed from the same bytes, so the returned pin says whether the service
 * pinned what was sent. Transient failures are retried with exponential backoff, without pinning twice or losing a
 * response.
 *
 * ```kotlin
 * Client(Credentials("API_KEY", "SECRET_KEY")).use { client ->
 *     val pin = client.pinFolder(Path("site"), PinOptions(name = "my site"))
 *     client.pins().collect { println("${it.cid} ${it.name}") }
 * }
 * ```
 *
 * Settings that aren't set are taken from the environment (`W3PIN_API_KEY`, `W3PIN_SECRET_KEY`, `W3PIN_ENDPOINT` and
 * others) and from w3pin's config file.
 *
 * @param credentials The account's API key and secret key.
 * @param endpoint The service: a URL, or `attoaioz`, `w3ipfs-storage`, `w3ipfs` or `aiozpin`.
 * @param insecureHttp Whether to allow sending keys over plain HTTP to another machine.
 * @param environment Whether to take settings that aren't set from the environment and the config file.
 * @param profile The UnixFS profile that the service uses.
 * @param gateways The gateways to read content back from, in the order to try them.
 * @param connectTimeout The time limit for connecting; 10 seconds unless set.
 * @param idleTimeout The longest time that a request or its response may make no progress; 60 seconds unless set.
 * @param callTimeout The time limit of a call, retries included, except uploads and waits; 60 seconds unless set.
 * @param retry The retry policy of calls.
 * @param rateLimit The maximum number of requests per minute; 180 unless set, unlimited for a service on this machine.
 * @param proxy The proxy to send every request through: http, https, socks5 or socks5h.
 * @param noProxy Whether to use no proxy, even if the environment names one.
 * @param rootCertificatesPem Additional root certificates to trust, in PEM format.
 * @param platformRoots Whether to trust the operating system's root certificates instead of Mozilla's. Not available
 *   on Android.
 * @param userAgent The User-Agent header.
 * @param api The API that the service speaks: `w3ipfs`, or `pinning-service`, which pins by CID and has no uploads.
 * @param token The access token for the API pinning-service, in place of the keys.
 * @throws PinningException.InvalidInput if a key is missing or a setting can't be used
 */
public class Client(
    credentials: Credentials? = null,
    endpoint: String? = null,
    insecureHttp: Boolean? = null,
    environment: Boolean = true,
    profile: Profile? = null,
    gateways: List<String>? = null,
    connectTimeout: Duration? = null,
    idleTimeout: Duration? = null,
    callTimeout: Duration? = null,
    retry: RetryPolicy? = null,
    rateLimit: RateLimit? = null,
    proxy: String? = null,
    noProxy: Boolean = false,
    rootCertificatesPem: ByteArray? = null,
    platformRoots: Boolean = false,
    userAgent: String? = null,
    api: String? = null,
    token: String? = null,
) : PinningClient {
    private val native = calling {
        NativeClient(
            ClientSettings(
                credentials?.apiKey?.text("api_key"),
                credentials?.secretKey?.text("secret_key"),
                token?.text("token"),
                api?.text("api"),
                endpoint?.text("endpoint"),
                insecureHttp,
                environment,
                profile?.name?.text("profile"),
                gateways?.texts("gateways"),
                connectTimeout?.inWholeNanoseconds,
                idleTimeout?.inWholeNanoseconds,
                callTimeout?.inWholeNanoseconds,
                retry?.toSettings(),
                rateLimit?.setting,
                proxy?.text("proxy"),
                noProxy,
                rootCertificatesPem?.crossing("root_certificates_pem"),
                platformRoots,
                userAgent?.text("user_agent"),
            ),
        )
    }

    override val endpoint: String get() = calling { native.endpoint() }

    override suspend fun pinFile(path: Path, options: PinOptions, file: FileOptions): Pin =
        upload(options, file) { native.pinFile(path.local("path"), it, null) }

    override suspend fun pinCar(path: Path, options: PinOptions): Pin =
        upload(options) { native.pinCar(path.local("path"), it, null) }

    override suspend fun pinFolder(folder: Path, options: PinOptions, walk: WalkOptions): Pin =
        upload(options, walk = walk) { native.pinFolder(LocalContent.Path(folder.local("folder")), it, null) }

    override suspend fun pinFolder(folder: Map<String, ByteArray>, options: PinOptions, walk: WalkOptions): Pin =
        upload(options, walk = walk) { native.pinFolder(LocalContent.Files(folder.crossing("folder")), it, null) }

    override suspend fun syncFolder(folder: Path, name: String, options: SyncOptions, walk: WalkOptions): Synced =
        syncing(options, walk) { native.syncFolder(LocalContent.Path(folder.local("folder")), name.text("name"), it, null) }

    override suspend fun syncFolder(
        folder: Map<String, ByteArray>,
        name: String,
        options: SyncOptions,
        walk: WalkOptions,
    ): Synced = syncing(options, walk) {
        native.syncFolder(LocalContent.Files(folder.crossing("folder")), name.text("name"), it, null)
    }

    override suspend fun pinPath(path: Path, options: PinOptions, file: FileOptions, walk: WalkOptions): Pin =
        upload(options, file, walk) { native.pinPath(path.local("path"), it, null) }

    override suspend fun pinBytes(bytes: ByteArray, options: PinOptions, file: FileOptions): Pin =
        upload(options, file) { native.pinBytes(bytes.crossing("bytes"), it, null) }

    override suspend fun pinJson(value: String, options: PinOptions, file: FileOptions): Pin =
        upload(options, file) { native.pinJson(value.text("value"), it, null) }

    override suspend fun pinStream(stream: InputStream, options: PinOptions, file: FileOptions, length: Long?): Pin =
        BytePipe().use { pipe ->
            uploading(options, file, begin = { it.read(stream, pipe) }) { code, settings ->
                code.run { native.pinStream(pipe, length, settings, null) }.toPin()
            }
        }

    override suspend fun pinByCid(cid: String, options: PinByCidOptions): Pin =
        calling { native.pinByCid(cid.text("cid"), options.toSettings(), null).toPin() }

    override suspend fun getPin(id: String): Pin = calling { native.getPin(id.text("id"), null).toPin() }

    override suspend fun listPins(list: ListOptions): Page =
        calling { native.listPins(list.toSettings(), null).toPage() }

    override fun pins(list: ListOptions): Pins = Pins { listing(list) }

    override suspend fun unpin(id: String): Unit = calling { native.unpin(id.text("id"), null) }

    override suspend fun waitUntilPinned(
        id: String,
        deadline: Duration?,
        firstDelay: Duration?,
        maxDelay: Duration?,
    ): Pin = calling {
        val policy = WaitSettings(
            deadline?.inWholeNanoseconds,
            firstDelay?.inWholeNanoseconds,
            maxDelay?.inWholeNanoseconds,
        )
        native.waitUntilPinned(id.text("id"), policy, null).toPin()
    }

    override suspend fun checkCredentials(): Unit = calling { native.checkCredentials(null) }

    override suspend fun pinFiles(
        items: List<FileItem>,
        options: PinOptions,
        file: FileOptions,
        walk: WalkOptions,
        concurrency: Int,
    ): List<Outcome<Pin>> = uploading(options, file, walk) { code, settings ->
        val paths = items.whole("items").map { it.native() }
        code.run { native.pinFiles(paths, concurrency.toLong(), settings, null) }.map { it.toPin() }
    }

    override fun pinFilesAsCompleted(
        items: List<FileItem>,
        options: PinOptions,
        file: FileOptions,
        walk: WalkOptions,
        concurrency: Int,
    ): Flow<Completed<Pin>> = flowOf { completingFiles(items, options, file, walk, concurrency) }

    override suspend fun pinCids(
        items: List<CidItem>,
        options: PinByCidOptions,
        concurrency: Int,
    ): List<Outcome<Pin>> = calling {
        val cids = items.whole("items").map { it.native() }
        native.pinCids(cids, concurrency.toLong(), options.toSettings(), null).map { it.toPin() }
    }

    override fun pinCidsAsCompleted(
        items: List<CidItem>,
        options: PinByCidOptions,
        concurrency: Int,
    ): Flow<Completed<Pin>> = flowOf { completingCids(items, options, concurrency) }

    override suspend fun unpinMany(ids: List<String>, concurrency: Int): List<Outcome<String>> = calling {
        val items = ids.whole("ids").map(::idItem)
        native.unpinMany(items, concurrency.toLong(), null).zip(ids) { outcome, id -> outcome.toId(id) }
    }

    override fun unpinManyAsCompleted(ids: List<String>, concurrency: Int): Flow<Completed<String>> =
        flowOf { completingUnpins(ids, concurrency) }

    override suspend fun prepareUpload(
        content: Content,
        body: Path,
        options: PrepareOptions,
        file: FileOptions,
        walk: WalkOptions,
    ): PreparedUpload = calling {
        val settings = options.toSettings(file, walk)
        PreparedUpload(native.prepareUpload(content.native("content"), body.local("body"), settings, null))
    }

    override suspend fun finishUpload(upload: PreparedUpload, status: Int, response: ByteArray): Pin = calling {
        native.finishUpload(upload.kept, status.toLong(), response.crossing("response"), null).toPin()
    }

    override suspend fun verify(content: Content, cid: String, gateway: String?, walk: WalkOptions): Proof = calling {
        val settings = VerifySettings(gateway?.text("gateway"), walk.toSettings())
        native.verify(content.native("content"), cid.text("cid"), settings, null).toProof()
    }

    override fun retriever(): ContentRetriever = retrieval()

    override fun close(): Unit = native.shutdown()

    internal fun retrieval() = Retrieval(calling { native.retriever() })

    internal fun listing(list: ListOptions) = PinSource(calling { native.pins(list.toSettings()) })

    internal suspend fun completingFiles(
        items: List<FileItem>,
        options: PinOptions,
        file: FileOptions,
        walk: WalkOptions,
        concurrency: Int,
    ): Source<Completed<Pin>> {
        val code = AppCode.begin()
        val feed = options.progress?.let { listener -> ProgressFeed().also { code.tell(listener, it) } }
        return try {
            val paths = items.whole("items").map { it.native() }
            val settings = options.toSettings(file, walk, feed)
            val cursor = calling { native.pinFilesAsCompleted(paths, concurrency.toLong(), settings) }
            BatchSource(cursor, code, feed) { _, outcome -> outcome.toPin() }
        } catch (problem: Throwable) {
            code.stop()
            feed?.close()
            throw problem
        }
    }

    internal suspend fun completingCids(
        items: List<CidItem>,
        options: PinByCidOptions,
        concurrency: Int,
    ): Source<Completed<Pin>> = calling {
        val cids = items.whole("items").map { it.native() }
        val cursor = native.pinCidsAsCompleted(cids, concurrency.toLong(), options.toSettings())
        BatchSource(cursor, AppCode.begin()) { _, outcome -> outcome.toPin() }
    }

    internal suspend fun completingUnpins(ids: List<String>, concurrency: Int): Source<Completed<String>> = calling {
        val items = ids.whole("ids").map(::idItem)
        val cursor = native.unpinManyAsCompleted(items, concurrency.toLong())
        BatchSource(cursor, AppCode.begin()) { index, outcome -> outcome.toId(ids[index]) }
    }

    private suspend fun upload(
        options: PinOptions,
        file: FileOptions = FileOptions(),
        walk: WalkOptions = WalkOptions(),
        send: suspend (UploadSettings) -> PinRecord,
    ): Pin = uploading(options, file, walk) { code, settings -> code.run { send(settings) }.toPin() }

    private suspend fun syncing(
        options: SyncOptions,
        walk: WalkOptions,
        sync: suspend (SyncSettings) -> SyncedRecord,
    ): Synced = listened(options.progress) { code, feed ->
        val settings = options.toSettings(walk, feed)
        code.begin(options.progress, feed)
        code.run { sync(settings) }.toSynced()
    }

    /** Runs an upload beside the listener of its options, and [begin]s what else of the app runs beside it. */
    private suspend fun <T> uploading(
        options: PinOptions,
        file: FileOptions,
        walk: WalkOptions = WalkOptions(),
        begin: (AppCode) -> Unit = {},
        send: suspend (AppCode, UploadSettings) -> T,
    ): T = listened(options.progress) { code, feed ->
        val settings = options.toSettings(file, walk, feed)
        code.begin(options.progress, feed)
        begin(code)
        send(code, settings)
    }

    /** Runs a call that a listener may be told of. */
    private suspend fun <T> listened(
        listener: ((Progress) -> Unit)?,
        call: suspend (AppCode, ProgressFeed?) -> T,
    ): T {
        val code = AppCode.begin()
        val feed = listener?.let { ProgressFeed() }
        try {
            val result = call(code, feed)
            feed?.end()
            code.told()
            return result
        } finally {
            code.stop()
            feed?.close()
        }
    }
}

private fun AppCode.begin(listener: ((Progress) -> Unit)?, feed: ProgressFeed?) {
    if (listener != null && feed != null) tell(listener, feed)
}

private fun AppCode.tell(listener: (Progress) -> Unit, feed: ProgressFeed) =
    listen(feed::next) { listener(it.toProgress()) }
