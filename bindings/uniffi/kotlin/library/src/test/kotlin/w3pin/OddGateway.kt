package w3pin

import com.sun.net.httpserver.HttpExchange
import com.sun.net.httpserver.HttpServer
import java.io.IOException
import java.net.InetAddress
import java.net.InetSocketAddress
import java.net.URI
import java.net.http.HttpClient
import java.net.http.HttpRequest
import java.net.http.HttpResponse.BodyHandlers
import java.util.concurrent.CountDownLatch
import java.util.concurrent.Executors
import java.util.concurrent.atomic.AtomicInteger
import java.util.concurrent.atomic.AtomicLong

/** A gateway in front of a correct one, with responses controlled by the test. */
class OddGateway(private val good: String, private val answer: OddGateway.(HttpExchange, ByteArray) -> Unit) :
    AutoCloseable {
    private val threads = Executors.newCachedThreadPool { Thread(it).apply { isDaemon = true } }
    private val http = HttpClient.newHttpClient()
    private val server = HttpServer.create(InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0)
    val address: String = "http://127.0.0.1:${server.address.port}"

    /** Requests so far. */
    val requests: AtomicInteger = AtomicInteger()

    /** Bytes of bodies sent so far. */
    val sent: AtomicLong = AtomicLong()

    /** Open until a body stalls. */
    val stalled: CountDownLatch = CountDownLatch(1)

    /** Open until the gateway is closed; stalled responses wait for it. */
    val end: CountDownLatch = CountDownLatch(1)

    /** Open until a client has left in the middle of a body. */
    val left: CountDownLatch = CountDownLatch(1)

    init {
        server.executor = threads
        server.createContext("/") { exchange ->
            requests.incrementAndGet()
            try {
                exchange.use { answer(it, block(it.requestURI)) }
            } catch (gone: IOException) {
                left.countDown()
            }
        }
        server.start()
    }

    /** Responds correctly, or with another status or body. */
    fun HttpExchange.send(body: ByteArray, status: Int = 200, type: String = "application/vnd.ipld.raw") {
        responseHeaders["Content-Type"] = type
        sendResponseHeaders(status, body.size.toLong())
        responseBody.write(body)
        responseBody.close()
        sent.addAndGet(body.size.toLong())
    }

    /** The block of the correct gateway; `null` for requests for CARs, which aren't served. */
    private fun block(request: URI): ByteArray {
        if ("format=car" in request.query.orEmpty()) return ByteArray(0)
        val question = HttpRequest.newBuilder(URI("$good${request.rawPath}?${request.rawQuery}"))
        return http.send(question.build(), BodyHandlers.ofByteArray()).body()
    }

    override fun close() {
        end.countDown()
        server.stop(0)
        threads.shutdownNow()
    }
}

/** Responds correctly. */
val served: OddGateway.(HttpExchange, ByteArray) -> Unit = { exchange, block ->
    if (block.isEmpty()) exchange.send("no such format".toByteArray(), 400, "text/plain") else exchange.send(block)
}
