package w3pin

import java.io.InputStream
import java.nio.channels.SeekableByteChannel
import java.nio.file.Path
import java.util.concurrent.CompletableFuture
import java.util.stream.Stream

/**
 * Reads content back from gateways and verifies every byte against its CID before returning it, for Java.
 *
 * No account is required, and no gateway is trusted. Each call is a [CompletableFuture], whose `cancel` stops the call
 * and closes its connections. A failed one completes with a [PinningException], or with an [IllegalStateException]
 * after [close]. Tests can supply their own implementation.
 *
 * ```java
 * try (var retriever = FutureRetriever.builder().build()) {
 *     var fetched = retriever.fetch("bafy…", Path.of("site")).join();
 *     System.out.println(fetched.getFiles() + " files");
 * }
 * ```
 */
public interface FutureRetriever : AutoCloseable {
    /**
     * Resolves a path to a file, a folder or a symbolic link.
     *
     * @param path A CID, optionally followed by a path.
     */
    public fun resolve(path: String): CompletableFuture<Node>

    /**
     * Reads a file into memory.
     *
     * @param path A CID, optionally followed by a path.
     */
    public fun read(path: String): CompletableFuture<ByteArray> = read(path, ReadOptions())

    /**
     * Reads a file, or a range of it, into memory.
     *
     * @param path A CID, optionally followed by a path.
     * @param options which part of it, and how much at most
     */
    public fun read(path: String, options: ReadOptions): CompletableFuture<ByteArray>

    /**
     * Streams a file.
     *
     * @param path A CID, optionally followed by a path.
     */
    public fun stream(path: String): InputStream = stream(path, ReadOptions())

    /**
     * Streams a file, or a range of it.
     *
     * The request is sent with the first read. Nothing is read ahead beyond the connection's buffers; closing the
     * stream closes the connection. Failures are thrown as an [IOException][java.io.IOException] with the
     * [PinningException] as its cause.
     *
     * @param path A CID, optionally followed by a path.
     * @param options which part of it, and how much at most
     */
    public fun stream(path: String, options: ReadOptions): InputStream

    /**
     * Opens a file for random access.
     *
     * The channel's reads wait for the gateway, and throw an [IOException][java.io.IOException] with the
     * [PinningException] as its cause. The first read at a position requests 1 MiB, and each further sequential one
     * twice as much.
     *
     * @param path A CID, optionally followed by a path.
     */
    public fun open(path: String): CompletableFuture<SeekableByteChannel>

    /**
     * Lists the entries of a folder. The stream waits for each entry, and throws a [PinningException]
     * on failure; close it if you stop
     * before its end.
     *
     * @param path A CID, optionally followed by a path.
     */
    public fun list(path: String): Stream<FolderEntry>

    /**
     * Writes a file or folder to disk.
     *
     * @param path A CID, optionally followed by a path.
     * @param destination The path of the file or folder to write.
     */
    public fun fetch(path: String, destination: Path): CompletableFuture<Fetched> =
        fetch(path, destination, FetchOptions())

    /**
     * Writes a file or folder to disk.
     *
     * A file gets its final name once it is complete. Content that is already on disk is compared by its digests, and
     * only what
     * is missing is fetched; call it again to resume after an interruption. A file with other content is left as it is,
     * unless the options
     * say otherwise. Names and links that lead out of the destination are rejected.
     *
     * @param path A CID, optionally followed by a path.
     * @param destination The path of the file or folder to write.
     * @param options how it is fetched
     */
    public fun fetch(path: String, destination: Path, options: FetchOptions): CompletableFuture<Fetched>

    /** Stops every call in progress; later calls fail with an [IllegalStateException]. */
    override fun close()

    /** Creates builders. */
    public companion object {
        /** Starts building a retriever. */
        @JvmStatic
        public fun builder(): FutureRetrieverBuilder = FutureRetrieverBuilder()
    }
}

/** The calls of a retriever, as Java's futures and streams. */
internal class FutureRetrieval(private val retriever: Retrieval) : FutureRetriever {
    override fun resolve(path: String): CompletableFuture<Node> = future { retriever.resolve(path) }

    override fun read(path: String, options: ReadOptions): CompletableFuture<ByteArray> =
        future { retriever.read(path, options) }

    override fun stream(path: String, options: ReadOptions): InputStream =
        ContentInputStream { retriever.streaming(path, options) }

    override fun open(path: String): CompletableFuture<SeekableByteChannel> = future { retriever.open(path) }

    override fun list(path: String): Stream<FolderEntry> = retriever.listing(path).stream()

    override fun fetch(path: String, destination: Path, options: FetchOptions): CompletableFuture<Fetched> =
        future { retriever.fetch(path, destination, options) }

    override fun close(): Unit = retriever.close()
}
