package w3pin

import java.nio.channels.SeekableByteChannel
import java.nio.file.Path
import kotlinx.coroutines.flow.Flow

/**
 * Reads content back from gateways and verifies every byte against its CID before returning it. [Retriever] implements
 * it; tests can supply their own implementation.
 *
 * A path is a CID, with or without a path below it: `bafy…`, `bafy…/docs/a.txt`, `/ipfs/bafy…`, `ipfs://bafy…`, or a
 * gateway's URL.
 *
 * Calls throw a [PinningException] if they fail, and an [IllegalStateException] after [close]. They can be made from
 * any thread. Cancelling a coroutine stops its call and closes its connections. From Java, see [FutureRetriever].
 */
public interface ContentRetriever : AutoCloseable {
    /**
     * Resolves a path to a file, a folder or a symbolic link.
     *
     * @param path A CID, optionally followed by a path.
     * @throws PinningException.NotFound if nothing exists at the path or no gateway has it
     */
    public suspend fun resolve(path: String): Node

    /**
     * Reads a file, or a range of it, into memory.
     *
     * @param path A CID, optionally followed by a path.
     * @param options which part of it, and how much at most
     * @throws PinningException.InvalidInput if it isn't a file, or is larger than the options allow
     * @throws PinningException.NotFound if no gateway has it
     */
    public suspend fun read(path: String, options: ReadOptions = ReadOptions()): ByteArray

    /**
     * Streams a file, or a range of it.
     *
     * The request is sent when the flow is collected, once for each collection. A slow collector slows the gateway
     * down: nothing is read ahead beyond what the connection buffers. A collector that stops closes the connection.
     *
     * ```kotlin
     * retriever.stream("bafy…/film.mp4").collect { output.write(it) }
     * ```
     *
     * @param path A CID, optionally followed by a path.
     * @param options which part of it, and how much at most
     * @throws PinningException.InvalidInput if it isn't a file, or is larger than the options allow
     */
    public fun stream(path: String, options: ReadOptions = ReadOptions()): Flow<ByteArray>

    /**
     * Opens a file for random access.
     *
     * Reads of the channel wait for the gateway, so call them from a thread that may block. They throw an
     * [IOException][java.io.IOException] with the [PinningException] as its cause. The first read at a position
     * requests 1 MiB, and each further sequential one twice as much.
     * [Channels.newInputStream][java.nio.channels.Channels.newInputStream] returns a stream of it.
     *
     * ```kotlin
     * retriever.open("bafy…/archive.zip").use { file -> file.position(file.size() - 22).read(buffer) }
     * ```
     *
     * @param path A CID, optionally followed by a path.
     * @throws PinningException.InvalidInput if it isn't a file
     * @throws PinningException.NotFound if no gateway has it
     */
    public suspend fun open(path: String): SeekableByteChannel

    /**
     * Lists the entries of a folder.
     *
     * The entries come in the order of the folder's blocks: by name in a small folder, and by the hashes of the names
     * in a sharded one.
     *
     * @param path A CID, optionally followed by a path.
     * @throws PinningException.InvalidInput if it isn't a folder
     */
    public fun list(path: String): Flow<FolderEntry>

    /**
     * Writes a file or folder to disk.
     *
     * A file gets its final name once it is complete. Content that is already on disk is compared by its digests, and
     * only what
     * is missing is fetched; call it again to resume after an interruption. A file with other content is left as it is,
     * unless the options
     * say otherwise. Names and links that lead out of the destination are rejected. On Android, use a folder of the
     * app, such as
     * `filesDir`.
     *
     * @param path A CID, optionally followed by a path.
     * @param destination The path of the file or folder to write.
     * @param options how it is fetched
     * @throws PinningException.LocalIo if it can't be written
     * @throws PinningException.Decode if the content is invalid
     */
    public suspend fun fetch(path: String, destination: Path, options: FetchOptions = FetchOptions()): Fetched

    /** Stops every call in progress; later calls throw [IllegalStateException]. */
    override fun close()
}
