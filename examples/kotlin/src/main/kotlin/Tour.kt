package w3pin.example

import java.io.InputStream
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import w3pin.Client
import w3pin.PinOptions
import w3pin.PinningException
import w3pin.Verification

/** Pins, lists, cancels an upload in the middle, and unpins, with an account that has no pins. */
fun main(): Unit = runBlocking {
    Client().use { client ->
        val pin = client.pinBytes("hello".toByteArray(), PinOptions(name = "greeting"))
        check(pin.verification.result == Verification.Result.VERIFIED) { "the service's CID isn't that of the bytes" }

        val underWay = CompletableDeferred<Unit>()
        val options = PinOptions(progress = { if (it.bytesSent > 1_000_000) underWay.complete(Unit) })
        val upload = launch(Dispatchers.Default) { client.pinStream(Endless, options) }
        underWay.await()
        upload.cancelAndJoin()
        check(client.pins().toList().map { it.id } == listOf(pin.id)) { "the cancelled upload was pinned" }

        client.unpin(pin.id)
        check(!client.getPin(pin.id).pinned) { "it is still pinned" }
        try {
            client.getPin("00000000-0000-0000-0000-000000000000")
            error("there is no such pin")
        } catch (missing: PinningException.NotFound) {
            println("pinned, listed, cancelled and unpinned; then: ${missing.message}")
        }
    }
}

private object Endless : InputStream() {
    override fun read(): Int = 7

    override fun read(block: ByteArray, at: Int, length: Int): Int = length
}
