package w3pin

import java.io.InputStream
import java.nio.file.Path
import java.time.Duration
import java.util.concurrent.CompletableFuture
import java.util.function.Consumer
import java.util.stream.Stream

/**
 * A client of a pinning service for Java, for one account and any number of calls from any thread.
 *
 * Each call is a [CompletableFuture], whose `cancel` stops the call and closes its connection; `join` waits for the
 * result. A failed one completes with a [PinningException], or with an [IllegalStateException] after [close]. Code that
 * is chained to a future may block. Tests can supply their own implementation.
 *
 * ```java
 * try (var client = FutureClient.builder().credentials("API_KEY", "SECRET_KEY").build()) {
 *     var options = new PinOptionsBuilder().name("my site").verify(Verify.REQUIRE).build();
 *     var pin = client.pinFolder(Path.of("site"), options).join();
 *     System.out.println(pin.getCid());
 * }
 * ```
 */
public interface FutureClient : AutoCloseable {
    /** The endpoint of the service. */
    public val endpoint: String

    /**
     * Pins a file by uploading it.
     *
     * @param path The file's path; a symbolic link there is followed.
     */
    public fun pinFile(path: Path): CompletableFuture<Pin> = pinFile(path, PinOptions())

    /**
     * Pins a file by uploading it.
     *
     * @param path The file's path; a symbolic link there is followed.
     * @param options how it is pinned
     */
    public fun pinFile(path: Path, options: PinOptions): CompletableFuture<Pin> = pinFile(path, options, FileOptions())

    /**
     * Pins a file by uploading it.
     *
     * @param path The file's path; a symbolic link there is followed.
     * @param options how it is pinned
     * @param file how it is sent
     */
    public fun pinFile(path: Path, options: PinOptions, file: FileOptions): CompletableFuture<Pin>

    /**
     * Pins the content of a CAR file by uploading it.
     *
     * @param path The CAR file's path.
     */
    public fun pinCar(path: Path): CompletableFuture<Pin> = pinCar(path, PinOptions())

    /**
     * Pins the content of a CAR file by uploading it.
     *
     * @param path The CAR file's path.
     * @param options how it is pinned
     */
    public fun pinCar(path: Path, options: PinOptions): CompletableFuture<Pin>

    /**
     * Pins a folder by uploading all files in it.
     *
     * @param folder The folder's path, or a mapping of paths to bytes for a folder in memory.
     */
    public fun pinFolder(folder: Path): CompletableFuture<Pin> = pinFolder(folder, PinOptions())

    /**
     * Pins a folder by uploading all files in it.
     *
     * @param folder The folder's path, or a mapping of paths to bytes for a folder in memory.
     * @param options how it is pinned
     */
    public fun pinFolder(folder: Path, options: PinOptions): CompletableFuture<Pin> =
        pinFolder(folder, options, WalkOptions())

    /**
     * Pins a folder by uploading all files in it.
     *
     * @param folder The folder's path, or a mapping of paths to bytes for a folder in memory.
     * @param options how it is pinned
     * @param walk which entries count
     */
    public fun pinFolder(folder: Path, options: PinOptions, walk: WalkOptions): CompletableFuture<Pin>

    /**
     * Pins a folder by uploading all files in it.
     *
     * @param folder The folder's path, or a mapping of paths to bytes for a folder in memory.
     */
    public fun pinFolder(folder: Map<String, ByteArray>): CompletableFuture<Pin> = pinFolder(folder, PinOptions())

    /**
     * Pins a folder by uploading all files in it.
     *
     * @param folder The folder's path, or a mapping of paths to bytes for a folder in memory.
     * @param options how it is pinned
     */
    public fun pinFolder(folder: Map<String, ByteArray>, options: PinOptions): CompletableFuture<Pin> =
        pinFolder(folder, options, WalkOptions())

    /**
     * Pins a folder by uploading all files in it.
     *
     * @param folder The folder's path, or a mapping of paths to bytes for a folder in memory.
     * @param options how it is pinned
     * @param walk which entries count
     */
    public fun pinFolder(folder: Map<String, ByteArray>, options: PinOptions, walk: WalkOptions): CompletableFuture<Pin>

    /**
     * Keeps a folder pinned under a name: uploads it if it has changed, and unpins older deploys of that name.
     *
     * @param folder The folder's path, or a mapping of paths to bytes for a folder in memory.
     * @param name The name of the deployment; use a different name for each folder.
     */
    public fun syncFolder(folder: Path, name: String): CompletableFuture<Synced> =
        syncFolder(folder, name, SyncOptions())

    /**
     * Keeps a folder pinned under a name: uploads it if it has changed, and unpins older deploys of that name.
     *
     * @param folder The folder's path, or a mapping of paths to bytes for a folder in memory.
     * @param name The name of the deployment; use a different name for each folder.
     * @param options how it is kept pinned
     */
    public fun syncFolder(folder: Path, name: String, options: SyncOptions): CompletableFuture<Synced> =
        syncFolder(folder, name, options, WalkOptions())

    /**
     * Keeps a folder pinned under a name: uploads it if it has changed, and unpins older deploys of that name.
     *
     * @param folder The folder's path, or a mapping of paths to bytes for a folder in memory.
     * @param name The name of the deployment; use a different name for each folder.
     * @param options how it is kept pinned
     * @param walk which entries count
     */
    public fun syncFolder(
        folder: Path,
        name: String,
        options: SyncOptions,
        walk: WalkOptions,
    ): CompletableFuture<Synced>

    /**
     * Keeps a folder pinned under a name: uploads it if it has changed, and unpins older deploys of that name.
     *
     * @param folder The folder's path, or a mapping of paths to bytes for a folder in memory.
     * @param name The name of the deployment; use a different name for each folder.
     */
    public fun syncFolder(folder: Map<String, ByteArray>, name: String): CompletableFuture<Synced> =
        syncFolder(folder, name, SyncOptions())

    /**
     * Keeps a folder pinned under a name: uploads it if it has changed, and unpins older deploys of that name.
     *
     * @param folder The folder's path, or a mapping of paths to bytes for a folder in memory.
     * @param name The name of the deployment; use a different name for each folder.
     * @param options how it is kept pinned
     */
    public fun syncFolder(folder: Map<String, ByteArray>, name: String, options: SyncOptions): CompletableFuture<Synced> =
        syncFolder(folder, name, options, WalkOptions())

    /**
     * Keeps a folder pinned under a name: uploads it if it has changed, and unpins older deploys of that name.
     *
     * @param folder The folder's path, or a mapping of paths to bytes for a folder in memory.
     * @param name The name of the deployment; use a different name for each folder.
     * @param options how it is kept pinned
     * @param walk which entries count
     */
    public fun syncFolder(
        folder: Map<String, ByteArray>,
        name: String,
        options: SyncOptions,
        walk: WalkOptions,
    ): CompletableFuture<Synced>

    /**
     * Pins the file or folder at a path by uploading it.
     *
     * @param path The path of a file or folder.
     */
    public fun pinPath(path: Path): CompletableFuture<Pin> = pinPath(path, PinOptions())

    /**
     * Pins the file or folder at a path by uploading it.
     *
     * @param path The path of a file or folder.
     * @param options how it is pinned
     */
    public fun pinPath(path: Path, options: PinOptions): CompletableFuture<Pin> =
        pinPath(path, options, FileOptions(), WalkOptions())

    /**
     * Pins the file or folder at a path by uploading it.
     *
     * @param path The path of a file or folder.
     * @param options how it is pinned
     * @param file how a single file is sent
     * @param walk which entries of a folder count
     */
    public fun pinPath(path: Path, options: PinOptions, file: FileOptions, walk: WalkOptions): CompletableFuture<Pin>

    /**
     * Pins bytes in memory.
     *
     * @param bytes The bytes; at least one.
     */
    public fun pinBytes(bytes: ByteArray): CompletableFuture<Pin> = pinBytes(bytes, PinOptions())

    /**
     * Pins bytes in memory.
     *
     * @param bytes The bytes; at least one.
     * @param options how it is pinned
     */
    public fun pinBytes(bytes: ByteArray, options: PinOptions): CompletableFuture<Pin> =
        pinBytes(bytes, options, FileOptions())

    /**
     * Pins bytes in memory.
     *
     * @param bytes The bytes; at least one.
     * @param options how it is pinned
     * @param file how it is sent
     */
    public fun pinBytes(bytes: ByteArray, options: PinOptions, file: FileOptions): CompletableFuture<Pin>

    /**
     * Pins a value as canonical JSON (RFC 8785), so that every language computes the same CID.
     *
     * @param value The value, as JSON text; integers beyond 2^53 aren't exact in JSON and are rejected.
     */
    public fun pinJson(value: String): CompletableFuture<Pin> = pinJson(value, PinOptions())

    /**
     * Pins a value as canonical JSON (RFC 8785), so that every language computes the same CID.
     *
     * @param value The value, as JSON text; integers beyond 2^53 aren't exact in JSON and are rejected.
     * @param options how it is pinned
     */
    public fun pinJson(value: String, options: PinOptions): CompletableFuture<Pin> =
        pinJson(value, options, FileOptions())

    /**
     * Pins a value as canonical JSON (RFC 8785), so that every language computes the same CID.
     *
     * @param value The value, as JSON text; integers beyond 2^53 aren't exact in JSON and are rejected.
     * @param options how it is pinned
     * @param file how it is sent
     */
    public fun pinJson(value: String, options: PinOptions, file: FileOptions): CompletableFuture<Pin>

    /**
     * Pins the content of a stream; once the first byte has been sent, the upload can't be retried.
     *
     * Exceptions of the stream are rethrown. It isn't closed.
     *
     * @param stream The stream, which is read once.
     */
    public fun pinStream(stream: InputStream): CompletableFuture<Pin> = pinStream(stream, PinOptions())

    /**
     * Pins the content of a stream; once the first byte has been sent, the upload can't be retried.
     *
     * Exceptions of the stream are rethrown. It isn't closed.
     *
     * @param stream The stream, which is read once.
     * @param options how it is pinned
     */
    public fun pinStream(stream: InputStream, options: PinOptions): CompletableFuture<Pin> =
        pinStream(stream, options, FileOptions(), null)

    /**
     * Pins the content of a stream; once the first byte has been sent, the upload can't be retried.
     *
     * Exceptions of the stream are rethrown. It isn't closed.
     *
     * @param stream The stream, which is read once.
     * @param options how it is pinned
     * @param file how it is sent
     * @param length The number of bytes in the stream, if known; any other number is an error.
     */
    public fun pinStream(
        stream: InputStream,
        options: PinOptions,
        file: FileOptions,
        length: Long?,
    ): CompletableFuture<Pin>

    /**
     * Pins content that is already on IPFS; the service fetches it, which can take a long time.
     *
     * @param cid The CID of the content's root.
     */
    public fun pinByCid(cid: String): CompletableFuture<Pin> = pinByCid(cid, PinByCidOptions())

    /**
     * Pins content that is already on IPFS; the service fetches it, which can take a long time.
     *
     * @param cid The CID of the content's root.
     * @param options how it is pinned
     */
    public fun pinByCid(cid: String, options: PinByCidOptions): CompletableFuture<Pin>

    /**
     * Retrieves a pin.
     *
     * @param id The pin's id.
     */
    public fun getPin(id: String): CompletableFuture<Pin>

    /** Lists one page of the account's pins. */
    public fun listPins(): CompletableFuture<Page> = listPins(ListOptions())

    /**
     * Lists one page of the account's pins.
     *
     * @param list which pins, and in which order
     */
    public fun listPins(list: ListOptions): CompletableFuture<Page>

    /**
     * Lists all of the account's pins and requests pages as they are needed.
     *
     * The stream requests each page when it is needed. Close it if you stop before its end.
     */
    public fun pins(): Stream<Pin> = pins(ListOptions())

    /**
     * Lists all of the account's pins and requests pages as they are needed.
     *
     * The stream requests each page when it is needed. Close it if you stop before its end.
     *
     * @param list which pins, and in which order
     */
    public fun pins(list: ListOptions): Stream<Pin> = pins(list, Consumer { })

    /**
     * Lists all of the account's pins and requests pages as they are needed.
     *
     * The stream requests each page when it is needed. Close it if you stop before its end.
     *
     * @param list which pins, and in which order
     * @param unreadable called with entries that can't be read as pins
     */
    public fun pins(list: ListOptions, unreadable: Consumer<UnreadablePin>): Stream<Pin>

    /**
     * Removes a pin.
     *
     * @param id The pin's id.
     */
    public fun unpin(id: String): CompletableFuture<Void?>

    /**
     * Waits until the service has pinned the content.
     *
     * @param id The pin's id.
     */
    public fun waitUntilPinned(id: String): CompletableFuture<Pin> = waitUntilPinned(id, null)

    /**
     * Waits until the service has pinned the content.
     *
     * @param id The pin's id.
     * @param deadline How long to wait in total; 10 minutes unless set.
     */
    public fun waitUntilPinned(id: String, deadline: Duration?): CompletableFuture<Pin> =
        waitUntilPinned(id, deadline, null, null)

    /**
     * Waits until the service has pinned the content.
     *
     * @param id The pin's id.
     * @param deadline How long to wait in total; 10 minutes unless set.
     * @param firstDelay The delay between the first two checks, which grows by half with each further one; 1 second
     *  unless set.
     * @param maxDelay The longest delay between two checks; 30 seconds unless set.
     */
    public fun waitUntilPinned(
        id: String,
        deadline: Duration?,
        firstDelay: Duration?,
        maxDelay: Duration?,
    ): CompletableFuture<Pin>

    /** Checks that the service accepts the credentials. */
    public fun checkCredentials(): CompletableFuture<Void?>

    /**
     * Pins many files or folders, each as its own pin, and returns the results in the order of the items.
     *
     * @param items Paths, each optionally with its own name and key-values; [FileItem.of] converts paths.
     */
    public fun pinFiles(items: List<FileItem>): CompletableFuture<List<Outcome<Pin>>> = pinFiles(items, PinOptions())

    /**
     * Pins many files or folders, each as its own pin, and returns the results in the order of the items.
     *
     * @param items Paths, each optionally with its own name and key-values; [FileItem.of] converts paths.
     * @param options how each is pinned
     */
    public fun pinFiles(items: List<FileItem>, options: PinOptions): CompletableFuture<List<Outcome<Pin>>> =
        pinFiles(items, options, FileOptions(), WalkOptions(), 4)

    /**
     * Pins many files or folders, each as its own pin, and returns the results in the order of the items.
     *
     * @param items Paths, each optionally with its own name and key-values; [FileItem.of] converts paths.
     * @param options how each is pinned
     * @param file how each single file is sent
     * @param walk which entries of folders count
     * @param concurrency How many calls to run at a time; at least 1.
     */
    public fun pinFiles(
        items: List<FileItem>,
        options: PinOptions,
        file: FileOptions,
        walk: WalkOptions,
        concurrency: Int,
    ): CompletableFuture<List<Outcome<Pin>>>

    /**
     * Pins many files or folders, each as its own pin, and yields each result as soon as it is available.
     *
     * The stream waits for each result. Close it if you stop before its end, to stop the remaining calls.
     *
     * @param items Paths, each optionally with its own name and key-values; [FileItem.of] converts paths.
     */
    public fun pinFilesAsCompleted(items: List<FileItem>): Stream<Completed<Pin>> =
        pinFilesAsCompleted(items, PinOptions())

    /**
     * Pins many files or folders, each as its own pin, and yields each result as soon as it is available.
     *
     * The stream waits for each result. Close it if you stop before its end, to stop the remaining calls.
     *
     * @param items Paths, each optionally with its own name and key-values; [FileItem.of] converts paths.
     * @param options how each is pinned
     */
    public fun pinFilesAsCompleted(items: List<FileItem>, options: PinOptions): Stream<Completed<Pin>> =
        pinFilesAsCompleted(items, options, FileOptions(), WalkOptions(), 4)

    /**
     * Pins many files or folders, each as its own pin, and yields each result as soon as it is available.
     *
     * The stream waits for each result. Close it if you stop before its end, to stop the remaining calls.
     *
     * @param items Paths, each optionally with its own name and key-values; [FileItem.of] converts paths.
     * @param options how each is pinned
     * @param file how each single file is sent
     * @param walk which entries of folders count
     * @param concurrency How many calls to run at a time; at least 1.
     */
    public fun pinFilesAsCompleted(
        items: List<FileItem>,
        options: PinOptions,
        file: FileOptions,
        walk: WalkOptions,
        concurrency: Int,
    ): Stream<Completed<Pin>>

    /**
     * Pins many CIDs and returns the results in the order of the items.
     *
     * @param items CIDs, each optionally with its own name and key-values; [CidItem.of] converts CIDs.
     */
    public fun pinCids(items: List<CidItem>): CompletableFuture<List<Outcome<Pin>>> = pinCids(items, PinByCidOptions())

    /**
     * Pins many CIDs and returns the results in the order of the items.
     *
     * @param items CIDs, each optionally with its own name and key-values; [CidItem.of] converts CIDs.
     * @param options how each is pinned
     */
    public fun pinCids(items: List<CidItem>, options: PinByCidOptions): CompletableFuture<List<Outcome<Pin>>> =
        pinCids(items, options, 4)

    /**
     * Pins many CIDs and returns the results in the order of the items.
     *
     * @param items CIDs, each optionally with its own name and key-values; [CidItem.of] converts CIDs.
     * @param options how each is pinned
     * @param concurrency How many calls to run at a time; at least 1.
     */
    public fun pinCids(
        items: List<CidItem>,
        options: PinByCidOptions,
        concurrency: Int,
    ): CompletableFuture<List<Outcome<Pin>>>

    /**
     * Pins many CIDs and yields each result as soon as it is available.
     *
     * The stream waits for each result. Close it if you stop before its end, to stop the remaining calls.
     *
     * @param items CIDs, each optionally with its own name and key-values; [CidItem.of] converts CIDs.
     */
    public fun pinCidsAsCompleted(items: List<CidItem>): Stream<Completed<Pin>> =
        pinCidsAsCompleted(items, PinByCidOptions())

    /**
     * Pins many CIDs and yields each result as soon as it is available.
     *
     * The stream waits for each result. Close it if you stop before its end, to stop the remaining calls.
     *
     * @param items CIDs, each optionally with its own name and key-values; [CidItem.of] converts CIDs.
     * @param options how each is pinned
     */
    public fun pinCidsAsCompleted(items: List<CidItem>, options: PinByCidOptions): Stream<Completed<Pin>> =
        pinCidsAsCompleted(items, options, 4)

    /**
     * Pins many CIDs and yields each result as soon as it is available.
     *
     * The stream waits for each result. Close it if you stop before its end, to stop the remaining calls.
     *
     * @param items CIDs, each optionally with its own name and key-values; [CidItem.of] converts CIDs.
     * @param options how each is pinned
     * @param concurrency How many calls to run at a time; at least 1.
     */
    public fun pinCidsAsCompleted(
        items: List<CidItem>,
        options: PinByCidOptions,
        concurrency: Int,
    ): Stream<Completed<Pin>>

    /**
     * Removes many pins and returns the results in the order of the ids.
     *
     * The value of each success is the id.
     *
     * @param ids The pins' ids.
     */
    public fun unpinMany(ids: List<String>): CompletableFuture<List<Outcome<String>>> = unpinMany(ids, 4)

    /**
     * Removes many pins and returns the results in the order of the ids.
     *
     * The value of each success is the id.
     *
     * @param ids The pins' ids.
     * @param concurrency How many calls to run at a time; at least 1.
     */
    public fun unpinMany(ids: List<String>, concurrency: Int): CompletableFuture<List<Outcome<String>>>

    /**
     * Removes many pins and yields each result as soon as it is available.
     *
     * The value of each success is the id. The stream waits for each result. Close it if you stop
     * before its end, to stop the remaining calls.
     *
     * @param ids The pins' ids.
     */
    public fun unpinManyAsCompleted(ids: List<String>): Stream<Completed<String>> = unpinManyAsCompleted(ids, 4)

    /**
     * Removes many pins and yields each result as soon as it is available.
     *
     * The value of each success is the id. The stream waits for each result. Close it if you stop
     * before its end, to stop the remaining calls.
     *
     * @param ids The pins' ids.
     * @param concurrency How many calls to run at a time; at least 1.
     */
    public fun unpinManyAsCompleted(ids: List<String>, concurrency: Int): Stream<Completed<String>>

    /**
     * Prepares an upload for another HTTP stack to send, and writes its body to a file.
     *
     * @param content A file or folder, on disk or in memory.
     * @param body The path of the file to write the body to, which must not exist.
     */
    public fun prepareUpload(content: Content, body: Path): CompletableFuture<PreparedUpload> =
        prepareUpload(content, body, PrepareOptions())

    /**
     * Prepares an upload for another HTTP stack to send, and writes its body to a file.
     *
     * @param content A file or folder, on disk or in memory.
     * @param body The path of the file to write the body to, which must not exist.
     * @param options how it is pinned
     */
    public fun prepareUpload(content: Content, body: Path, options: PrepareOptions): CompletableFuture<PreparedUpload> =
        prepareUpload(content, body, options, FileOptions(), WalkOptions())

    /**
     * Prepares an upload for another HTTP stack to send, and writes its body to a file.
     *
     * @param content A file or folder, on disk or in memory.
     * @param body The path of the file to write the body to, which must not exist.
     * @param options how it is pinned
     * @param file how a single file is sent
     * @param walk which entries of a folder count
     */
    public fun prepareUpload(
        content: Content,
        body: Path,
        options: PrepareOptions,
        file: FileOptions,
        walk: WalkOptions,
    ): CompletableFuture<PreparedUpload>

    /**
     * Checks the response to a prepared upload and returns the pin.
     *
     * @param upload The prepared upload.
     * @param status The HTTP status of the response.
     * @param response The body of the response.
     */
    public fun finishUpload(upload: PreparedUpload, status: Int, response: ByteArray): CompletableFuture<Pin>

    /**
     * Proves block by block that a CID names this content, whatever its layout; no account is required.
     *
     * Blocks are fetched with this client's settings; [W3pin.verify] needs no client.
     *
     * @param content A file or folder, on disk or in memory.
     * @param cid The CID of the content's root.
     */
    public fun verify(content: Content, cid: String): CompletableFuture<Proof> = verify(content, cid, null)

    /**
     * Proves block by block that a CID names this content, whatever its layout; no account is required.
     *
     * Blocks are fetched with this client's settings; [W3pin.verify] needs no client.
     *
     * @param content A file or folder, on disk or in memory.
     * @param cid The CID of the content's root.
     * @param gateway The gateway to fetch blocks from, which learns the CID and needn't be trusted: unless set, the
     *  endpoint if it is on this machine, or `https://trustless-gateway.link`.
     */
    public fun verify(content: Content, cid: String, gateway: String?): CompletableFuture<Proof> =
        verify(content, cid, gateway, WalkOptions())

    /**
     * Proves block by block that a CID names this content, whatever its layout; no account is required.
     *
     * Blocks are fetched with this client's settings; [W3pin.verify] needs no client.
     *
     * @param content A file or folder, on disk or in memory.
     * @param cid The CID of the content's root.
     * @param gateway The gateway to fetch blocks from, which learns the CID and needn't be trusted: unless set, the
     *  endpoint if it is on this machine, or `https://trustless-gateway.link`.
     * @param walk which entries of a folder count
     */
    public fun verify(content: Content, cid: String, gateway: String?, walk: WalkOptions): CompletableFuture<Proof>

    /** Reads content back over this client's connections, from its gateways. Closing the client closes it too. */
    public fun retriever(): FutureRetriever

    /** Stops every call in progress; later calls fail with an [IllegalStateException]. */
    override fun close()

    /** Creates builders. */
    public companion object {
        /** Starts building a client. */
        @JvmStatic
        public fun builder(): FutureClientBuilder = FutureClientBuilder()
    }
}
