package w3pin.example

import kotlin.io.path.Path
import w3pin.Client
import w3pin.PinOptions

/** Pins a file and shows the progress of the upload: `PinFile FILE` */
suspend fun main(arguments: Array<String>) {
    val options = PinOptions(progress = { System.err.print("\r${it.bytesSent} of ${it.bytesTotal} bytes") })
    val pin = Client().use { client -> client.pinFile(Path(arguments[0]), options) }

    System.err.println()
    println(pin.cid)
}
