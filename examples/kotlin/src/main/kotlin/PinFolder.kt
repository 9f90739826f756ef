package w3pin.example

import kotlin.io.path.Path
import w3pin.Client
import w3pin.PinOptions
import w3pin.Verify
import w3pin.WalkOptions

/** Pins a folder, fails unless the CID is proved, and waits until the service has all of it: `PinFolder FOLDER` */
suspend fun main(arguments: Array<String>) {
    val pin = Client().use { client ->
        val options = PinOptions(verify = Verify.REQUIRE)
        val pin = client.pinFolder(Path(arguments[0]), options, WalkOptions(exclude = listOf("*.map")))
        client.waitUntilPinned(pin.id)
    }

    println(pin.cid)
}
