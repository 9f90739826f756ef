package w3pin

import java.io.InputStream
import java.nio.file.Path
import java.time.Duration
import java.util.concurrent.CompletableFuture
import java.util.function.Consumer
import java.util.stream.Stream
import kotlin.time.toKotlinDuration
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.future.future
import kotlinx.coroutines.runBlocking

/** The calls of a client, as Java's futures and streams. */
internal class FutureCalls(private val client: Client) : FutureClient {
    override val endpoint: String get() = client.endpoint

    override fun pinFile(path: Path, options: PinOptions, file: FileOptions): CompletableFuture<Pin> =
        future { client.pinFile(path, options, file) }

    override fun pinCar(path: Path, options: PinOptions): CompletableFuture<Pin> = future { client.pinCar(path, options) }

    override fun pinFolder(folder: Path, options: PinOptions, walk: WalkOptions): CompletableFuture<Pin> =
        future { client.pinFolder(folder, options, walk) }

    override fun pinFolder(
        folder: Map<String, ByteArray>,
        options: PinOptions,
        walk: WalkOptions,
    ): CompletableFuture<Pin> = future { client.pinFolder(folder, options, walk) }

    override fun syncFolder(
        folder: Path,
        name: String,
        options: SyncOptions,
        walk: WalkOptions,
    ): CompletableFuture<Synced> = future { client.syncFolder(folder, name, options, walk) }

    override fun syncFolder(
        folder: Map<String, ByteArray>,
        name: String,
        options: SyncOptions,
        walk: WalkOptions,
    ): CompletableFuture<Synced> = future { client.syncFolder(folder, name, options, walk) }

    override fun pinPath(
        path: Path,
        options: PinOptions,
        file: FileOptions,
        walk: WalkOptions,
    ): CompletableFuture<Pin> = future { client.pinPath(path, options, file, walk) }

    override fun pinBytes(bytes: ByteArray, options: PinOptions, file: FileOptions): CompletableFuture<Pin> =
        future { client.pinBytes(bytes, options, file) }

    override fun pinJson(value: String, options: PinOptions, file: FileOptions): CompletableFuture<Pin> =
        future { client.pinJson(value, options, file) }

    override fun pinStream(
        stream: InputStream,
        options: PinOptions,
        file: FileOptions,
        length: Long?,
    ): CompletableFuture<Pin> = future { client.pinStream(stream, options, file, length) }

    override fun pinByCid(cid: String, options: PinByCidOptions): CompletableFuture<Pin> =
        future { client.pinByCid(cid, options) }

    override fun getPin(id: String): CompletableFuture<Pin> = future { client.getPin(id) }

    override fun listPins(list: ListOptions): CompletableFuture<Page> = future { client.listPins(list) }

    override fun pins(list: ListOptions, unreadable: Consumer<UnreadablePin>): Stream<Pin> {
        val source = client.listing(list)
        return object : Source<Pin> by source {
            override suspend fun next(): Pin? {
                val before = source.unreadable.size
                return source.next().also { source.unreadable.drop(before).forEach(unreadable::accept) }
            }
        }.stream()
    }

    override fun unpin(id: String): CompletableFuture<Void?> = done { client.unpin(id) }

    override fun waitUntilPinned(
        id: String,
        deadline: Duration?,
        firstDelay: Duration?,
        maxDelay: Duration?,
    ): CompletableFuture<Pin> = future { client.waitUntilPinned(id, deadline?.toKotlinDuration(), firstDelay?.toKotlinDuration(), maxDelay?.toKotlinDuration()) }

    override fun checkCredentials(): CompletableFuture<Void?> = done { client.checkCredentials() }

    override fun pinFiles(
        items: List<FileItem>,
        options: PinOptions,
        file: FileOptions,
        walk: WalkOptions,
        concurrency: Int,
    ): CompletableFuture<List<Outcome<Pin>>> = future { client.pinFiles(items, options, file, walk, concurrency) }

    override fun pinFilesAsCompleted(
        items: List<FileItem>,
        options: PinOptions,
        file: FileOptions,
        walk: WalkOptions,
        concurrency: Int,
    ): Stream<Completed<Pin>> = runBlocking { client.completingFiles(items, options, file, walk, concurrency) }.stream()

    override fun pinCids(
        items: List<CidItem>,
        options: PinByCidOptions,
        concurrency: Int,
    ): CompletableFuture<List<Outcome<Pin>>> = future { client.pinCids(items, options, concurrency) }

    override fun pinCidsAsCompleted(
        items: List<CidItem>,
        options: PinByCidOptions,
        concurrency: Int,
    ): Stream<Completed<Pin>> = runBlocking { client.completingCids(items, options, concurrency) }.stream()

    override fun unpinMany(ids: List<String>, concurrency: Int): CompletableFuture<List<Outcome<String>>> =
        future { client.unpinMany(ids, concurrency) }

    override fun unpinManyAsCompleted(ids: List<String>, concurrency: Int): Stream<Completed<String>> =
        runBlocking { client.completingUnpins(ids, concurrency) }.stream()

    override fun prepareUpload(
        content: Content,
        body: Path,
        options: PrepareOptions,
        file: FileOptions,
        walk: WalkOptions,
    ): CompletableFuture<PreparedUpload> = future { client.prepareUpload(content, body, options, file, walk) }

    override fun finishUpload(upload: PreparedUpload, status: Int, response: ByteArray): CompletableFuture<Pin> =
        future { client.finishUpload(upload, status, response) }

    override fun verify(content: Content, cid: String, gateway: String?, walk: WalkOptions): CompletableFuture<Proof> =
        future { client.verify(content, cid, gateway, walk) }

    override fun retriever(): FutureRetriever = FutureRetrieval(client.retrieval())

    override fun close(): Unit = client.close()
}

/**
 * Runs a call. What is chained to the future runs where the call ends, so each call has a thread to itself: one that
 * is held up there holds up no other.
 */
internal fun <T> future(call: suspend () -> T): CompletableFuture<T> = CoroutineScope(ownThread()).future { call() }

private fun done(call: suspend () -> Unit): CompletableFuture<Void?> = future {
    call()
    null
}
