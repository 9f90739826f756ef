package w3pin.example

import com.sun.net.httpserver.HttpExchange
import com.sun.net.httpserver.HttpServer
import java.net.InetAddress
import java.net.InetSocketAddress
import java.util.concurrent.Executors
import kotlinx.coroutines.runBlocking
import w3pin.Client
import w3pin.ContentRetriever
import w3pin.PinOptions
import w3pin.PinningException
import w3pin.Verify

/** Pins the body of a POST while it arrives, and answers GET /CID[/PATH] with proved content: `WebHandler [PORT]` */
fun main(arguments: Array<String>) {
    val port = arguments.firstOrNull()?.toInt() ?: 8080
    val client = Client()
    val retriever = client.retriever()

    val server = HttpServer.create(InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0)
    server.executor = Executors.newCachedThreadPool()
    server.createContext("/") { exchange ->
        exchange.use {
            try {
                runBlocking {
                    if (exchange.requestMethod == "POST") upload(client, exchange) else content(retriever, exchange)
                }
            } catch (failed: PinningException) {
                val status = if (failed is PinningException.NotFound) 404 else 502
                // After the first byte, an error can only abort the response.
                if (exchange.responseCode == -1) exchange.answer(status, failed.message.orEmpty())
            }
        }
    }
    server.start()
    println("http://127.0.0.1:${server.address.port}")
}

private suspend fun upload(client: Client, exchange: HttpExchange) {
    val pin = client.pinStream(exchange.requestBody, PinOptions(name = "upload", verify = Verify.REQUIRE))
    exchange.answer(201, "${pin.cid}\n")
}

private suspend fun content(retriever: ContentRetriever, exchange: HttpExchange) {
    val path = exchange.requestURI.path.removePrefix("/")
    val node = retriever.resolve(path)
    // 0 stands for a body of any length, and -1 for none.
    exchange.sendResponseHeaders(200, node.size?.takeIf { it > 0 } ?: -1)
    retriever.stream(path).collect { exchange.responseBody.write(it) }
}

private fun HttpExchange.answer(status: Int, text: String) {
    val bytes = text.toByteArray()
    sendResponseHeaders(status, bytes.size.toLong())
    responseBody.write(bytes)
}
