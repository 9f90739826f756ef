package w3pin

import java.net.ServerSocket
import java.net.Socket
import java.net.SocketException
import java.util.concurrent.LinkedBlockingQueue
import kotlin.concurrent.thread

/** A service that accepts connections, reads nothing unless told to, and never responds. */
class SilentServer : AutoCloseable {
    private val listener = ServerSocket(0)
    val connections = LinkedBlockingQueue<Socket>()

    init {
        thread(isDaemon = true) {
            try {
                while (true) connections.add(listener.accept())
            } catch (closed: SocketException) {
                // The test is over.
            }
        }
    }

    val address: String = "http://127.0.0.1:${listener.localPort}"

    fun client(): Client = Client(Credentials("KEY", "SECRET"), "$address/api/pinning")

    override fun close() {
        listener.close()
        connections.forEach(Socket::close)
    }
}

/** Reads until the other side closes. */
fun Socket.readToItsEnd() {
    try {
        val block = ByteArray(1 shl 16)
        while (getInputStream().read(block) >= 0) continue
    } catch (reset: SocketException) {
        // That is an end too.
    }
}
