package w3pin

import java.io.InputStream
import java.lang.ref.WeakReference
import java.nio.file.Path
import java.util.concurrent.atomic.AtomicLong
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.minutes
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.TimeoutCancellationException
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.runInterruptible
import kotlinx.coroutines.withContext
import kotlinx.coroutines.withTimeout
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertSame
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test

/** Stopping a call stops all of it, and nothing else. */
class StoppingTest {
    private val server = LocalServer()

    @AfterEach
    fun stop() = server.close()

    @Test
    fun `a cancelled upload ends, and the service keeps nothing`(): Unit = runBlocking {
        server.client().use { client ->
            val underWay = CompletableDeferred<Unit>()
            val options = PinOptions(progress = { if (it.bytesSent > 1 shl 20) underWay.complete(Unit) })
            val upload = launch(Dispatchers.Default) { client.pinStream(Endless(), options) }
            underWay.await()
            upload.cancelAndJoin()
            assertEquals(emptyList<Pin>(), client.pins().toList())
        }
    }

    @Test
    fun `cancelling in the middle of an upload closes its connection`(): Unit = runBlocking {
        SilentServer().use { silent ->
            silent.client().use { client ->
                val upload = launch(Dispatchers.Default) { client.pinBytes(ByteArray(64 shl 20)) }
                val connection = runInterruptible(Dispatchers.IO) { silent.connections.take() }
                upload.cancelAndJoin()
                runInterruptible(Dispatchers.IO) { connection.readToItsEnd() }
            }
        }
    }

    @Test
    fun `a time limit of coroutines stops a call`(): Unit = runBlocking {
        SilentServer().use { silent ->
            silent.client().use { client ->
                assertThrows(TimeoutCancellationException::class.java) {
                    runBlocking { withTimeout(50.milliseconds) { client.getPin("x") } }
                }
                val connection = runInterruptible(Dispatchers.IO) { silent.connections.take() }
                runInterruptible(Dispatchers.IO) { connection.readToItsEnd() }
            }
        }
    }

    @Test
    fun `a stream is read at the pace at which it is sent`(): Unit = runBlocking {
        SilentServer().use { silent ->
            silent.client().use { client ->
                val stream = Endless()
                val upload = launch(Dispatchers.Default) { client.pinStream(stream) }
                var before = -1L
                while (stream.given.get() != before || before < 1) {
                    before = stream.given.get()
                    delay(300.milliseconds)
                }
                upload.cancelAndJoin()
                assertTrue(before < 64 shl 20, "$before bytes were read ahead")
            }
        }
    }

    @Test
    fun `what a listener throws stops the upload and is thrown`(): Unit = runBlocking {
        server.client().use { client ->
            for (thrown in listOf(IllegalArgumentException("in the listener"), AssertionError("in the listener"))) {
                val options = PinOptions(progress = { throw thrown })
                val caught = runCatching { client.pinStream(Endless(), options) }.exceptionOrNull()
                assertSame(thrown, caught.takeIf { it === thrown } ?: caught?.cause)
            }
            assertEquals(emptyList<Pin>(), client.pins().toList())
        }
    }

    @Test
    fun `what a stream throws is thrown`(): Unit = runBlocking {
        server.client().use { client ->
            for (thrown in listOf(java.io.EOFException("gone"), StackOverflowError("gone"))) {
                val stream = object : Endless() {
                    override fun read(block: ByteArray, at: Int, length: Int) =
                        if (given.get() > 1 shl 20) throw thrown else super.read(block, at, length)
                }
                val caught = runCatching { client.pinStream(stream) }.exceptionOrNull()!!
                // Coroutines may copy an exception to add the caller's stack trace.
                assertSame(thrown, caught.takeIf { it === thrown } ?: caught.cause)
            }
            client.checkCredentials()
            assertEquals(emptyList<Pin>(), client.pins().toList())
        }
    }

    @Test
    fun `closing stops what is under way, and refuses later calls`(): Unit = runBlocking {
        SilentServer().use { silent ->
            val client = silent.client()
            val call = async(Dispatchers.Default) { runCatching { client.getPin("x") } }
            runInterruptible(Dispatchers.IO) { silent.connections.take() }
            client.close()
            assertClosed(call.await())
            client.close()
            assertClosed(runCatching { client.getPin("x") })
            assertClosed(runCatching { client.pinBytes(ByteArray(1)) })
            assertClosed(runCatching { client.pinStream(Endless()) })
            assertClosed(runCatching { client.pins().toList() })
            assertClosed(runCatching { client.unpinMany(listOf("x")) })
            assertClosed(runCatching { client.endpoint })
        }
    }

    @Test
    fun `a batch that can't begin lets go of its listener`(): Unit = runBlocking {
        val open = server.client()
        val closed = server.client().apply { close() }
        open.use {
            val listeners = listOf(listenerOfNoBatch(closed, concurrency = 4), listenerOfNoBatch(open, concurrency = 0))
            withTimeout(1.minutes) {
                while (listeners.any { it.get() != null }) {
                    System.gc()
                    delay(10.milliseconds)
                }
            }
        }
    }

    private suspend fun listenerOfNoBatch(client: Client, concurrency: Int): WeakReference<Listener> {
        val listener = Listener()
        val options = PinOptions(progress = listener)
        val batch = runCatching { client.pinFilesAsCompleted(emptyList<Path>(), options, concurrency = concurrency).toList() }
        assertTrue(batch.isFailure, "$batch")
        return WeakReference(listener)
    }

    private class Listener : (Progress) -> Unit {
        override fun invoke(progress: Progress) = Unit
    }

    @Test
    fun `one client is used from many threads`(): Unit = runBlocking {
        server.client().use { client ->
            val pins = withContext(Dispatchers.IO) {
                (0 until 64).map { async { client.pinBytes("number $it".toByteArray()) } }.awaitAll()
            }
            assertEquals(64, pins.map { it.id }.distinct().size)
            assertTrue(pins.all { it.verification.result == Verification.Result.VERIFIED })
            val listed = client.pins(ListOptions(limit = 10)).toList()
            assertEquals(pins.map { it.id }.toSet(), listed.map { it.id }.toSet())
            val outcomes = client.unpinMany(pins.map { it.id } + "none", concurrency = 8)
            outcomes.dropLast(1).forEach { it.getOrThrow() }
            assertTrue(outcomes.last().error is PinningException)
        }
    }

    private fun assertClosed(result: Result<Any?>) {
        val thrown = result.exceptionOrNull()
        assertTrue(thrown is IllegalStateException && thrown.message == "the client is closed", "$thrown")
    }
}

/** Content without an end. */
open class Endless : InputStream() {
    val given = AtomicLong()

    override fun read(): Int = 7

    override fun read(block: ByteArray, at: Int, length: Int): Int {
        given.addAndGet(length.toLong())
        return length
    }
}
