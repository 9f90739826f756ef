package w3pin

import java.io.InputStream
import java.nio.file.Path
import kotlin.time.Duration
import kotlinx.coroutines.flow.Flow

/**
 * A client of a pinning service. [Client] implements it; tests can supply their own implementation.
 *
 * Calls throw a [PinningException] if they fail, and an [IllegalStateException] after [close]. They can be made from
 * any thread. Cancelling a coroutine stops its call and closes its connection; whether the service has acted by then
 * isn't known, as when a connection breaks. From Java, see [FutureClient].
 */
public interface PinningClient : AutoCloseable {
    /** The endpoint of the service. */
    public val endpoint: String

    /**
     * Pins a file by uploading it.
     *
     * @param path The file's path; a symbolic link there is followed.
     * @param options how it is pinned
     * @param file how it is sent
     * @throws PinningException.LocalIo if the file can't be read or changes size during the upload
     * @throws PinningException.InvalidInput if it is empty, a folder, or has a name that can't be sent
     * @throws PinningException.CidMismatch if proof is required and missing
     */
    public suspend fun pinFile(
        path: Path,
        options: PinOptions = PinOptions(),
        file: FileOptions = FileOptions(),
    ): Pin

    /**
     * Pins the content of a CAR file by uploading it.
     *
     * The pin has the blocks and the root CID of the CAR, which must name one root and contain all blocks below it. Not
     * every service accepts CARs, so the client asks before it sends anything; `w3pin serve` does. Unless a name is
     * set, the pin is named after the file, without `.car`.
     *
     * @param path The CAR file's path.
     * @param options how it is pinned
     * @throws PinningException.InvalidInput if the service doesn't accept CARs, or the CAR has no root, several roots,
     * or lacks a block
     * @throws PinningException.Decode if the file isn't a CAR, is truncated, or contains a block that doesn't match its
     * CID
     */
    public suspend fun pinCar(path: Path, options: PinOptions = PinOptions()): Pin

    /**
     * Pins a folder by uploading all files in it.
     *
     * The root is the folder itself. Empty folders are left out, because an upload can't carry them.
     *
     * @param folder The folder's path, or a mapping of paths to bytes for a folder in memory.
     * @param options how it is pinned
     * @param walk which entries count
     */
    public suspend fun pinFolder(
        folder: Path,
        options: PinOptions = PinOptions(),
        walk: WalkOptions = WalkOptions(),
    ): Pin

    /**
     * Pins a folder by uploading all files in it.
     *
     * ```kotlin
     * client.pinFolder(mapOf("0.json" to json, "images/0.png" to image), PinOptions(name = "drop"))
     * ```
     *
     * @param folder The folder's path, or a mapping of paths to bytes for a folder in memory.
     * @param options how it is pinned; its name is the folder's too
     * @param walk which entries count
     */
    public suspend fun pinFolder(
        folder: Map<String, ByteArray>,
        options: PinOptions = PinOptions(),
        walk: WalkOptions = WalkOptions(),
    ): Pin

    /**
     * Keeps a folder pinned under a name: uploads it if it has changed, and unpins older deploys of that name.
     *
     * The CID is computed first; if the newest deploy has it, nothing is sent. Otherwise the folder is uploaded, its
     * CID is proved, and the call waits until it is pinned. Only then are older deploys removed. Pins that weren't
     * created by a sync of this name are never touched.
     *
     * @param folder The folder's path, or a mapping of paths to bytes for a folder in memory.
     * @param name The name of the deployment; use a different name for each folder.
     * @param options how it is kept pinned
     * @param walk which entries count
     */
    public suspend fun syncFolder(
        folder: Path,
        name: String,
        options: SyncOptions = SyncOptions(),
        walk: WalkOptions = WalkOptions(),
    ): Synced

    /**
     * Keeps a folder pinned under a name: uploads it if it has changed, and unpins older deploys of that name.
     *
     * @param folder The folder's path, or a mapping of paths to bytes for a folder in memory.
     * @param name The name of the deployment; use a different name for each folder.
     * @param options how it is kept pinned
     * @param walk which entries count
     */
    public suspend fun syncFolder(
        folder: Map<String, ByteArray>,
        name: String,
        options: SyncOptions = SyncOptions(),
        walk: WalkOptions = WalkOptions(),
    ): Synced

    /**
     * Pins the file or folder at a path by uploading it.
     *
     * @param path The path of a file or folder.
     * @param options how it is pinned
     * @param file how a single file is sent
     * @param walk which entries of a folder count
     */
    public suspend fun pinPath(
        path: Path,
        options: PinOptions = PinOptions(),
        file: FileOptions = FileOptions(),
        walk: WalkOptions = WalkOptions(),
    ): Pin

    /**
     * Pins bytes in memory.
     *
     * @param bytes The bytes; at least one.
     * @param options how they are pinned
     * @param file how they are sent; the file is named after the pin, or `bytes`, unless set
     */
    public suspend fun pinBytes(
        bytes: ByteArray,
        options: PinOptions = PinOptions(),
        file: FileOptions = FileOptions(),
    ): Pin

    /**
     * Pins a value as canonical JSON (RFC 8785), so that every language computes the same CID.
     *
     * Here the value is given as JSON text, as any JSON library writes it; [pinJson] with a serializer takes the value
     * itself.
     *
     * @param value The value; integers beyond 2^53 aren't exact in JSON and are rejected.
     * @param options how it is pinned
     * @param file how it is sent; the file is named after the pin, or `data.json`, unless set
     */
    public suspend fun pinJson(
        value: String,
        options: PinOptions = PinOptions(),
        file: FileOptions = FileOptions(),
    ): Pin

    /**
     * Pins the content of a stream; once the first byte has been sent, the upload can't be retried.
     *
     * If the response is lost, the client searches for the pin. The stream is read only as fast as it is sent, on a
     * separate thread, so memory doesn't grow on a slow network. Exceptions that it throws are rethrown. It isn't
     * closed.
     *
     * @param stream The stream, which is read once.
     * @param options how it is pinned
     * @param file how it is sent; the file is named after the pin, or `stream`, unless set
     * @param length The number of bytes in the stream, if known; any other number is an error.
     */
    public suspend fun pinStream(
        stream: InputStream,
        options: PinOptions = PinOptions(),
        file: FileOptions = FileOptions(),
        length: Long? = null,
    ): Pin

    /**
     * Pins content that is already on IPFS; the service fetches it, which can take a long time.
     *
     * @param cid The CID of the content's root. `/ipfs/CID`, `ipfs://CID` and a gateway's URL are accepted, too.
     * @param options how it is pinned
     */
    public suspend fun pinByCid(cid: String, options: PinByCidOptions = PinByCidOptions()): Pin

    /**
     * Retrieves a pin.
     *
     * @param id The pin's id.
     * @throws PinningException.NotFound if the account has no such pin
     */
    public suspend fun getPin(id: String): Pin

    /**
     * Lists one page of the account's pins.
     *
     * @param list which pins, and in which order
     */
    public suspend fun listPins(list: ListOptions = ListOptions()): Page

    /**
     * Lists all of the account's pins and requests pages as they are needed.
     *
     * @param list which pins, and in which order; its limit is the size of a page
     */
    public fun pins(list: ListOptions = ListOptions()): Pins

    /**
     * Removes a pin.
     *
     * If the response is lost and the pin is gone when the request is retried, the call succeeds.
     *
     * @param id The pin's id.
     * @throws PinningException.NotFound if the account has no such pin
     */
    public suspend fun unpin(id: String)

    /**
     * Waits until the service has pinned the content.
     *
     * @param id The pin's id.
     * @param deadline How long to wait in total; 10 minutes unless set.
     * @param firstDelay The delay between the first two checks, which grows by half with each further one; 1 second
     *   unless set.
     * @param maxDelay The longest delay between two checks; 30 seconds unless set.
     * @throws PinningException.Timeout if it takes longer
     */
    public suspend fun waitUntilPinned(
        id: String,
        deadline: Duration? = null,
        firstDelay: Duration? = null,
        maxDelay: Duration? = null,
    ): Pin

    /**
     * Checks that the service accepts the credentials.
     *
     * @throws PinningException.Authentication if it doesn't
     */
    public suspend fun checkCredentials()

    /**
     * Pins many files or folders, each as its own pin, and returns the results in the order of the items.
     *
     * @param items Paths, each optionally with its own name and key-values.
     * @param options how each is pinned
     * @param file how each single file is sent
     * @param walk which entries of folders count
     * @param concurrency How many calls to run at a time; at least 1.
     */
    public suspend fun pinFiles(
        items: List<FileItem>,
        options: PinOptions = PinOptions(),
        file: FileOptions = FileOptions(),
        walk: WalkOptions = WalkOptions(),
        concurrency: Int = 4,
    ): List<Outcome<Pin>>

    /**
     * Pins many files or folders, each as its own pin, and yields each result as soon as it is available.
     *
     * The batch starts when the flow is collected; cancelling the collection stops the remaining calls.
     *
     * @param items Paths, each optionally with its own name and key-values.
     * @param options how each is pinned
     * @param file how each single file is sent
     * @param walk which entries of folders count
     * @param concurrency How many calls to run at a time; at least 1.
     */
    public fun pinFilesAsCompleted(
        items: List<FileItem>,
        options: PinOptions = PinOptions(),
        file: FileOptions = FileOptions(),
        walk: WalkOptions = WalkOptions(),
        concurrency: Int = 4,
    ): Flow<Completed<Pin>>

    /**
     * Pins many CIDs and returns the results in the order of the items.
     *
     * @param items CIDs, each optionally with its own name and key-values.
     * @param options how each is pinned
     * @param concurrency How many calls to run at a time; at least 1.
     */
    public suspend fun pinCids(
        items: List<CidItem>,
        options: PinByCidOptions = PinByCidOptions(),
        concurrency: Int = 4,
    ): List<Outcome<Pin>>

    /**
     * Pins many CIDs and yields each result as soon as it is available.
     *
     * The batch starts when the flow is collected; cancelling the collection stops the remaining calls.
     *
     * @param items CIDs, each optionally with its own name and key-values.
     * @param options how each is pinned
     * @param concurrency How many calls to run at a time; at least 1.
     */
    public fun pinCidsAsCompleted(
        items: List<CidItem>,
        options: PinByCidOptions = PinByCidOptions(),
        concurrency: Int = 4,
    ): Flow<Completed<Pin>>

    /**
     * Removes many pins and returns the results in the order of the ids.
     *
     * The value of each success is the id.
     *
     * @param ids The pins' ids.
     * @param concurrency How many calls to run at a time; at least 1.
     */
    public suspend fun unpinMany(ids: List<String>, concurrency: Int = 4): List<Outcome<String>>

    /**
     * Removes many pins and yields each result as soon as it is available.
     *
     * The value of each success is the id. The batch starts when the flow is collected; cancelling the collection
     * stops the remaining calls.
     *
     * @param ids The pins' ids.
     * @param concurrency How many calls to run at a time; at least 1.
     */
    public fun unpinManyAsCompleted(ids: List<String>, concurrency: Int = 4): Flow<Completed<String>>

    /**
     * Prepares an upload for another HTTP stack to send, and writes its body to a file.
     *
     * The body contains the content, so it takes as much space again.
     *
     * @param content A file or folder, on disk or in memory.
     * @param body The path of the file to write the body to, which must not exist.
     * @param options how it is pinned
     * @param file how a single file is sent
     * @param walk which entries of a folder count
     */
    public suspend fun prepareUpload(
        content: Content,
        body: Path,
        options: PrepareOptions = PrepareOptions(),
        file: FileOptions = FileOptions(),
        walk: WalkOptions = WalkOptions(),
    ): PreparedUpload

    /**
     * Checks the response to a prepared upload and returns the pin.
     *
     * If the service has already pinned the content, the existing pin is returned.
     *
     * @param upload The prepared upload.
     * @param status The HTTP status of the response.
     * @param response The body of the response.
     */
    public suspend fun finishUpload(upload: PreparedUpload, status: Int, response: ByteArray): Pin

    /**
     * Proves block by block that a CID names this content, whatever its layout; no account is required.
     *
     * Blocks are fetched with this client's settings, such as its proxy and its gateways. The function [w3pin.verify]
     * needs no client.
     *
     * @param content A file or folder, on disk or in memory.
     * @param cid The CID of the content's root.
     * @param gateway The gateway to fetch blocks from, which learns the CID and needn't be trusted: unless set, the
     *   endpoint if it is on this machine, or `https://trustless-gateway.link`. The client's own gateways take
     *   precedence.
     * @param walk which entries of a folder count
     * @throws PinningException.CidMismatch if the content differs, with the path and offset of the first difference
     */
    public suspend fun verify(
        content: Content,
        cid: String,
        gateway: String? = null,
        walk: WalkOptions = WalkOptions(),
    ): Proof

    /**
     * Reads content back over this client's connections, from its gateways: the configured ones, or else the
     * endpoint itself if it is on this machine, or `https://trustless-gateway.link`.
     *
     * Closing the client closes it too.
     */
    public fun retriever(): ContentRetriever

    /** Stops every call in progress; later calls throw [IllegalStateException]. */
    override fun close()
}
