package w3pin

import com.sun.net.httpserver.HttpExchange
import java.io.IOException
import java.nio.ByteBuffer
import java.nio.channels.AsynchronousCloseException
import java.nio.file.Path
import java.util.concurrent.CompletableFuture
import kotlin.concurrent.thread
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.readBytes
import kotlin.random.Random
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.runInterruptible
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Assertions.assertArrayEquals
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertSame
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.DynamicTest
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.TestFactory
import org.junit.jupiter.api.assertThrows
import org.junit.jupiter.api.io.TempDir

/** Tests with misbehaving gateways, and with abandoned responses. */
class OddGatewayTest {
    private val server = LocalServer()
    private val film = Random(7).nextBytes(2_000_000)
    private val cid = runBlocking { server.client().use { it.pinBytes(film).cid } }

    @TempDir
    private lateinit var folder: Path

    @AfterEach
    fun stop() = server.close()

    private fun retriever(vararg gateways: String, idle: Duration = 30.seconds) = Retriever(
        gateways = gateways.toList(),
        environment = false,
        idleTimeout = idle,
        retry = RetryPolicy(attempts = 2, baseDelay = 1.milliseconds),
    )

    private fun odd() = listOf(
        manner("wrong bytes") { exchange, block ->
            exchange.send(block.clone().also { if (it.isNotEmpty()) it[it.size / 2] = (it[it.size / 2] + 1).toByte() })
        },
        manner("other bytes") { exchange, _ -> exchange.send("something else".toByteArray()) },
        manner("no bytes") { exchange, _ -> exchange.send(ByteArray(0)) },
        manner("bytes cut short") { exchange, block -> exchange.send(block.copyOf(block.size / 2)) },
        manner("a body that breaks off") { exchange, block ->
            exchange.sendResponseHeaders(200, block.size + 100L)
            exchange.responseBody.write(block)
            throw IOException("enough")
        },
        manner("a body that stalls") { exchange, block ->
            exchange.sendResponseHeaders(200, block.size + 100L)
            exchange.responseBody.write(block.copyOf(block.size / 2))
            exchange.responseBody.flush()
            end.await()
        },
        manner("no response") { _, _ -> end.await() },
        manner("404") { exchange, _ -> exchange.send("not here".toByteArray(), 404, "text/plain") },
        manner("500") { exchange, _ -> exchange.send("oh".toByteArray(), 500, "text/plain") },
        manner("a page") { exchange, _ -> exchange.send("<h1>Welcome</h1>".toByteArray(), 200, "text/html") },
        manner("a redirect in a circle") { exchange, _ ->
            exchange.responseHeaders["Location"] = exchange.requestURI.toString()
            exchange.sendResponseHeaders(302, -1)
        },
    )

    private fun manner(name: String, answer: OddGateway.(HttpExchange, ByteArray) -> Unit) = name to answer

    @TestFactory
    fun `no wrong byte comes out, and a good gateway makes up for it`(): List<DynamicTest> = odd().map { (name, answer) ->
        DynamicTest.dynamicTest(name) {
            OddGateway(server.gateway, answer).use { odd ->
                runBlocking {
                    val alone = retriever(odd.address, idle = 300.milliseconds)
                    for (call in listOf<suspend () -> Any?>({ alone.read(cid) }, { alone.stream(cid).toList() }, { alone.open(cid) })) {
                        val failed = assertThrows<PinningException> { runBlocking { call() } }
                        assertTrue(failed !is PinningException.InvalidInput, "$failed")
                    }
                    assertThrows<PinningException> { runBlocking { alone.fetch(cid, folder.resolve(name)) } }
                    assertTrue(folder.listDirectoryEntries().none { it.fileName.toString() == name })

                    val both = retriever(odd.address, server.gateway, idle = 300.milliseconds)
                    assertArrayEquals(film, both.read(cid))
                }
            }
        }
    }

    /** Serves the first blocks, and then nothing until it is closed. */
    private fun stalling(blocks: Int) = OddGateway(server.gateway) { exchange, block ->
        if (block.isNotEmpty() && sent.get() > blocks * 200_000L) {
            exchange.sendResponseHeaders(200, 0)
            stalled.countDown()
            // Byte by byte, to notice when the client disconnects.
            while (end.count > 0) {
                exchange.responseBody.write(0)
                exchange.responseBody.flush()
                Thread.sleep(5)
            }
        } else {
            served(exchange, block)
        }
    }

    @Test
    fun `what comes before a failure is given, and the failure after it`(): Unit = runBlocking {
        stalling(2).use { gateway ->
            val got = mutableListOf<ByteArray>()
            val retriever = Retriever(
                listOf(gateway.address), environment = false, callTimeout = 2.seconds, retry = RetryPolicy(attempts = 1),
            )
            assertThrows<PinningException> { runBlocking { retriever.stream(cid).collect { got += it } } }
            val before = got.reduce(ByteArray::plus)
            assertTrue(before.size in 1 until film.size)
            assertArrayEquals(film.copyOf(before.size), before)
        }
    }

    @Test
    fun `cancelling a collection in the middle closes its connection`(): Unit = runBlocking {
        stalling(2).use { gateway ->
            val retriever = retriever(gateway.address)
            val reading = launch(Dispatchers.Default) { retriever.stream(cid).collect {} }
            runInterruptible(Dispatchers.IO) { gateway.stalled.await() }
            reading.cancelAndJoin()
            runInterruptible(Dispatchers.IO) { gateway.left.await() }
        }
    }

    @Test
    fun `cancelling a call closes its connection`(): Unit = runBlocking {
        val calls = listOf<suspend (ContentRetriever) -> Any?>(
            { it.resolve(cid) }, { it.read(cid) }, { it.open(cid) }, { it.list(cid).toList() }, { it.fetch(cid, folder.resolve("a")) },
        )
        for (call in calls) {
            SilentServer().use { silent ->
                val retriever = retriever(silent.address)
                val running = launch(Dispatchers.Default) { call(retriever) }
                val connection = runInterruptible(Dispatchers.IO) { silent.connections.take() }
                running.cancelAndJoin()
                runInterruptible(Dispatchers.IO) { connection.readToItsEnd() }
            }
        }
    }

    @Test
    fun `closing stops what is under way`(): Unit = runBlocking {
        SilentServer().use { silent ->
            val retriever = retriever(silent.address)
            val reading = async(Dispatchers.Default) { runCatching { retriever.read(cid) } }
            val connection = runInterruptible(Dispatchers.IO) { silent.connections.take() }
            retriever.close()
            assertEquals("the retriever is closed", reading.await().exceptionOrNull()?.message)
            runInterruptible(Dispatchers.IO) { connection.readToItsEnd() }
            for (call in listOf<suspend () -> Any?>({ retriever.stream(cid).toList() }, { retriever.list(cid).toList() }, { retriever.open(cid) })) {
                assertThrows<IllegalStateException> { runBlocking { call() } }
            }
        }
    }

    @Test
    fun `a collector that is slow holds the gateway back`(): Unit = runBlocking {
        OddGateway(server.gateway, served).use { gateway ->
            val retriever = retriever(gateway.address)
            retriever.stream(cid).first()
            val few = gateway.requests.get()
            delay(300.milliseconds)
            assertEquals(few, gateway.requests.get())
            assertTrue(gateway.sent.get() < film.size, "${gateway.sent} bytes")
        }
    }

    @Test
    fun `a fetch that was stopped goes on where it was`(): Unit = runBlocking {
        stalling(3).use { gateway ->
            val retriever = retriever(gateway.address)
            val thrown = ArithmeticException("changed my mind")
            val options = FetchOptions(concurrency = 1, onProgress = { throw thrown })
            val stopped = runCatching { retriever.fetch(cid, folder.resolve("film"), options) }.exceptionOrNull()
            assertSame(thrown, stopped.takeIf { it === thrown } ?: stopped?.cause)

            val fetching = launch(Dispatchers.Default) { retriever.fetch(cid, folder.resolve("film"), FetchOptions(concurrency = 1)) }
            while (gateway.sent.get() < 600_000) delay(10.milliseconds)
            fetching.cancelAndJoin()
            assertTrue(folder.listDirectoryEntries("film").isEmpty())
        }
        val fetched = retriever(server.gateway).fetch(cid, folder.resolve("film"))
        assertEquals(2_000_000, fetched.bytes)
        assertArrayEquals(film, folder.resolve("film").readBytes())
        assertEquals(listOf("film"), folder.listDirectoryEntries().map { "${it.fileName}" })
    }

    @Test
    fun `closing or interrupting a channel ends a read that waits`(): Unit = runBlocking {
        for (stop in listOf("close", "interrupt")) {
            stalling(1).use { gateway ->
                val file = retriever(gateway.address).open(cid)
                val result = CompletableFuture<Throwable?>()
                val reader = thread {
                    result.complete(
                        runCatching {
                            val buffer = ByteBuffer.allocate(film.size)
                            while (buffer.hasRemaining()) file.read(buffer)
                        }.exceptionOrNull(),
                    )
                }
                runInterruptible(Dispatchers.IO) { gateway.stalled.await() }
                if (stop == "close") file.close() else reader.interrupt()
                val thrown = runInterruptible(Dispatchers.IO) { result.get() }
                val expected = if (stop == "close") AsynchronousCloseException::class else java.io.InterruptedIOException::class
                assertEquals(expected, thrown!!::class, "$thrown")
                runInterruptible(Dispatchers.IO) { gateway.left.await() }
            }
        }
    }

    @Test
    fun `a channel goes on after a failure`(): Unit = runBlocking {
        var isBroken = true
        val gateway = OddGateway(server.gateway) { exchange, block ->
            if (isBroken && sent.get() > 300_000) exchange.send("oh".toByteArray(), 500, "text/plain") else served(exchange, block)
        }
        gateway.use {
            val file = retriever(gateway.address).open(cid)
            val buffer = ByteBuffer.allocate(film.size)
            val failed = assertThrows<IOException> { while (buffer.hasRemaining()) file.read(buffer) }
            assertTrue(failed.cause is PinningException, "$failed")
            assertEquals(buffer.position().toLong(), file.position())
            isBroken = false
            while (buffer.hasRemaining()) file.read(buffer)
            assertArrayEquals(film, buffer.array())
        }
    }
}
