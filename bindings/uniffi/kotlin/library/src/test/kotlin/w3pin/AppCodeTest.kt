package w3pin

import java.io.InputStream
import java.io.PipedInputStream
import java.io.PipedOutputStream
import java.util.concurrent.CopyOnWriteArrayList
import java.util.concurrent.CountDownLatch
import java.util.concurrent.atomic.AtomicInteger
import kotlin.time.Duration
import kotlin.time.Duration.Companion.minutes
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.CoroutineExceptionHandler
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.flow.take
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.joinAll
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withContext
import kotlinx.coroutines.withTimeout
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertSame
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test

/** Listeners and streams of the app run concurrently with calls, and only block their own. */
class AppCodeTest {
    private val server = LocalServer()

    @AfterEach
    fun stop() = server.close()

    @Test
    fun `cancelling an upload whose stream waits is a cancellation, whatever the stream throws for it`(): Unit =
        runBlocking {
            server.client().use { client ->
                val uncaught = CopyOnWriteArrayList<Throwable>()
                val handler = CoroutineExceptionHandler { _, thrown -> uncaught += thrown }
                val writers = mutableListOf<PipedOutputStream>()
                val piped = { PipedInputStream().also { writers += PipedOutputStream(it) } }
                for (make in listOf<() -> InputStream>(piped, ::Waiting)) {
                    val reading = CompletableDeferred<Unit>()
                    val caught = CompletableDeferred<Throwable?>()
                    val inner = make()
                    val stream = object : InputStream() {
                        override fun read() = error("blocks are read")

                        override fun read(block: ByteArray, at: Int, length: Int): Int {
                            reading.complete(Unit)
                            return inner.read(block, at, length)
                        }
                    }
                    val upload = launch(Dispatchers.Default + SupervisorJob() + handler) {
                        caught.complete(runCatching { client.pinStream(stream) }.exceptionOrNull())
                    }
                    reading.await()
                    upload.cancelAndJoin()
                    assertTrue(caught.await() is CancellationException, "${caught.await()}")
                }
                assertEquals(emptyList<Throwable>(), uncaught)
                assertEquals(emptyList<Pin>(), client.pins().toList())
            }
        }

    @Test
    fun `a listener that throws a CancellationException stops its upload`(): Unit = runBlocking {
        server.client().use { client ->
            val thrown = CancellationException("enough")
            val caught = runCatching { client.pinStream(Endless(), PinOptions(progress = { throw thrown })) }
                .exceptionOrNull()
            assertSame(thrown, caught.takeIf { it === thrown } ?: caught?.cause)
            assertEquals(emptyList<Pin>(), client.pins().toList())
        }
    }

    @Test
    fun `listeners that block hold up no other call`(): Unit = runBlocking {
        server.client().use { client ->
            val release = CountDownLatch(1)
            val blocked = CountDownLatch(8)
            val uploads = List(8) { number ->
                val options = PinOptions(progress = {
                    blocked.countDown()
                    release.await()
                })
                launch(Dispatchers.Default) { client.pinBytes("number $number".toByteArray(), options) }
            }
            withContext(Dispatchers.IO) { blocked.await() }
            client.checkCredentials()
            server.client().use { it.pinBytes("another".toByteArray(), PinOptions(progress = {})) }
            release.countDown()
            uploads.joinAll()
            assertEquals(9, client.pins().toList().size)
        }
    }

    @Test
    fun `a listener may call its client, and misses all but the newest`(): Unit = runBlocking {
        server.client().use { client ->
            val told = CopyOnWriteArrayList<Progress>()
            val options = PinOptions(progress = {
                runBlocking { client.checkCredentials() }
                told += it
            })
            client.pinBytes(ByteArray(8 shl 20) { it.toByte() }, options)
            assertEquals(8L shl 20, told.last().bytesSent)
            assertEquals(told.map { it.bytesSent }.sorted(), told.map { it.bytesSent })
        }
    }

    @Test
    fun `streams that wait leave the app its threads`(): Unit = runBlocking {
        server.client().use { client ->
            val waiting = AtomicInteger()
            val all = CompletableDeferred<Unit>()
            val release = CountDownLatch(1)
            val uploads = List(70) {
                val stream = object : InputStream() {
                    override fun read() = error("blocks are read")

                    override fun read(block: ByteArray, at: Int, length: Int): Int {
                        if (waiting.incrementAndGet() == 70) all.complete(Unit)
                        release.await()
                        return -1
                    }
                }
                launch(Dispatchers.Default) { runCatching { client.pinStream(stream) } }
            }
            withTimeout(2.minutes) {
                all.await()
                // On its threads, they would block the app's own work.
                withContext(Dispatchers.IO) { client.checkCredentials() }
            }
            release.countDown()
            uploads.joinAll()
        }
    }

    @Test
    fun `leaving a batch stops the rest of it`(): Unit = runBlocking {
        SilentServer().use { silent ->
            silent.client().use { client ->
                val ids = listOf("\uD800") + List(10) { "0000000$it-0000-0000-0000-000000000000" }
                val first = client.unpinManyAsCompleted(ids, concurrency = 2).take(1).toList().single()
                assertEquals(0, first.index)
                assertEquals("id", first.outcome.error?.field)
            }
        }
    }

    @Test
    fun `no time is too long`(): Unit = runBlocking {
        val forever = Duration.INFINITE
        val retry = RetryPolicy(1, forever, forever, forever)
        val client = Client(
            Credentials("KEY", "SECRET"), server.endpoint, connectTimeout = forever, idleTimeout = forever,
            callTimeout = forever, retry = retry,
        )
        client.use {
            val pin = client.pinBytes(byteArrayOf(1), PinOptions(timeout = forever, retry = retry))
            assertTrue(client.waitUntilPinned(pin.id, forever, forever, forever).pinned)
        }
    }

    /** A stream that waits until it is interrupted, and then throws another exception. */
    private class Waiting : InputStream() {
        override fun read() = error("blocks are read")

        override fun read(block: ByteArray, at: Int, length: Int): Int = try {
            Thread.sleep(Long.MAX_VALUE)
            -1
        } catch (interrupted: InterruptedException) {
            throw java.io.IOException("the connection was closed", interrupted)
        }
    }
}
