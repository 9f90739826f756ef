package w3pin

import java.io.InputStream
import java.nio.file.Path
import java.time.Duration
import java.util.Spliterator
import java.util.Spliterators
import java.util.concurrent.CompletableFuture
import java.util.stream.Stream
import java.util.stream.StreamSupport
import kotlin.time.toJavaDuration
import kotlin.time.toKotlinDuration
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.future.future
import kotlinx.coroutines.runBlocking

/**
 * [Client] for Java: each call is a [CompletableFuture], whose `cancel` stops the call and closes its
 * connection. `join` waits for it.
 *
 * ```java
 * try (var client = FutureClient.builder().credentials("API_KEY", "SECRET_KEY").build()) {
 *     var options = new PinOptionsBuilder().name("my site").verify(Verify.REQUIRE).build();
 *     var pin = client.pinFolder(Path.of("site"), options).join();
 *     System.out.println(pin.getCid());
 * }
 * ```
 *
 * A call that fails completes with a [PinningException], or with an [IllegalStateException] after [close].
 * What each does is told at [Client].
 */
public class FutureClient internal constructor(private val client: Client) : AutoCloseable {
    private val scope = CoroutineScope(SupervisorJob() + Dispatchers.Default)

    /** Where the service is. */
    public val endpoint: String get() = client.endpoint

    /** [Client.pinFile]. */
    @JvmOverloads
    public fun pinFile(path: Path, options: PinOptions = PinOptions()): CompletableFuture<Pin> =
        scope.future { client.pinFile(path, options) }

    /** [Client.pinFolder]. */
    @JvmOverloads
    public fun pinFolder(
        path: Path,
        options: PinOptions = PinOptions(),
        hidden: Boolean = false,
        symlinks: Symlinks? = null,
    ): CompletableFuture<Pin> = scope.future { client.pinFolder(path, options, hidden, symlinks) }

    /** [Client.pinPath]. */
    @JvmOverloads
    public fun pinPath(
        path: Path,
        options: PinOptions = PinOptions(),
        hidden: Boolean = false,
        symlinks: Symlinks? = null,
    ): CompletableFuture<Pin> = scope.future { client.pinPath(path, options, hidden, symlinks) }

    /** [Client.pinBytes]. */
    @JvmOverloads
    public fun pinBytes(bytes: ByteArray, options: PinOptions = PinOptions()): CompletableFuture<Pin> =
        scope.future { client.pinBytes(bytes, options) }

    /** [Client.pinJson]. */
    @JvmOverloads
    public fun pinJson(value: String, options: PinOptions = PinOptions()): CompletableFuture<Pin> =
        scope.future { client.pinJson(value, options) }

    /** [Client.pinStream]. */
    @JvmOverloads
    public fun pinStream(stream: InputStream, options: PinOptions = PinOptions()): CompletableFuture<Pin> =
        scope.future { client.pinStream(stream, options) }

    /** [Client.pinByCid]. */
    @JvmOverloads
    public fun pinByCid(cid: String, options: PinByCidOptions = PinByCidOptions()): CompletableFuture<Pin> =
        scope.future { client.pinByCid(cid, options) }

    /** [Client.getPin]. */
    public fun getPin(id: String): CompletableFuture<Pin> = scope.future { client.getPin(id) }

    /** [Client.listPins]. */
    @JvmOverloads
    public fun listPins(list: ListOptions = ListOptions()): CompletableFuture<Page> =
        scope.future { client.listPins(list) }

    /** [Client.pins], as a stream that waits for each page when it gets there. Close it if you stop before its end. */
    @JvmOverloads
    public fun pins(list: ListOptions = ListOptions()): Stream<Pin> {
        val pages = client.Pages(list)
        val all = sequence {
            while (true) {
                yieldAll(runBlocking { pages.next() } ?: break)
            }
        }
        val pins = Spliterators.spliteratorUnknownSize(all.iterator(), Spliterator.ORDERED or Spliterator.NONNULL)
        return StreamSupport.stream(pins, false).onClose(pages::close)
    }

    /** [Client.unpin]. */
    public fun unpin(id: String): CompletableFuture<Void?> = done { client.unpin(id) }

    /** [Client.waitUntilPinned]. */
    @JvmOverloads
    public fun waitUntilPinned(
        id: String,
        deadline: Duration? = null,
        firstDelay: Duration? = null,
        maxDelay: Duration? = null,
    ): CompletableFuture<Pin> = scope.future {
        client.waitUntilPinned(
            id,
            deadline?.toKotlinDuration(),
            firstDelay?.toKotlinDuration(),
            maxDelay?.toKotlinDuration(),
        )
    }

    /** [Client.checkCredentials]. */
    public fun checkCredentials(): CompletableFuture<Void?> = done { client.checkCredentials() }

    /** [Client.pinFiles]. */
    @JvmOverloads
    public fun pinFiles(
        paths: List<Path>,
        options: PinOptions = PinOptions(),
        hidden: Boolean = false,
        symlinks: Symlinks? = null,
        concurrency: Int? = null,
    ): CompletableFuture<List<Outcome<Pin>>> =
        scope.future { client.pinFiles(paths, options, hidden, symlinks, concurrency) }

    /** [Client.pinCids]. */
    @JvmOverloads
    public fun pinCids(
        cids: List<String>,
        options: PinByCidOptions = PinByCidOptions(),
        concurrency: Int? = null,
    ): CompletableFuture<List<Outcome<Pin>>> = scope.future { client.pinCids(cids, options, concurrency) }

    /** [Client.unpinMany]. */
    @JvmOverloads
    public fun unpinMany(
        ids: List<String>,
        concurrency: Int? = null,
    ): CompletableFuture<List<Outcome<Unit>>> = scope.future { client.unpinMany(ids, concurrency) }

    /** [Client.verify] of a path. */
    @JvmOverloads
    public fun verify(
        content: Path,
        cid: String,
        gateway: String? = null,
        hidden: Boolean = false,
        symlinks: Symlinks? = null,
    ): CompletableFuture<Proof> = scope.future { client.verify(content, cid, gateway, hidden, symlinks) }

    /** [Client.verify] of bytes. */
    @JvmOverloads
    public fun verify(content: ByteArray, cid: String, gateway: String? = null): CompletableFuture<Proof> =
        scope.future { client.verify(content, cid, gateway) }

    /** Stops every call that is under way; later ones fail with an [IllegalStateException]. */
    override fun close(): Unit = client.close()

    private fun done(call: suspend () -> Unit): CompletableFuture<Void?> = scope.future {
        call()
        null
    }

    public companion object {
        /** Begins to make a client. */
        @JvmStatic
        public fun builder(): FutureClientBuilder = FutureClientBuilder()

        /** [w3pin.computeCid]. */
        @JvmStatic
        @JvmOverloads
        public fun computeCid(
            path: Path,
            profile: String? = null,
            hidden: Boolean = false,
            symlinks: Symlinks? = null,
        ): CompletableFuture<Root> =
            CoroutineScope(Dispatchers.Default).future { w3pin.computeCid(path, profile, hidden, symlinks) }

        /** [PinningException.retryAfter], as Java's own [Duration]. */
        @JvmStatic
        public fun retryAfter(exception: PinningException): Duration? = exception.retryAfter?.toJavaDuration()
    }
}
