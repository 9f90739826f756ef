package w3pin.example

import java.nio.file.Path
import kotlin.io.path.name
import kotlin.system.exitProcess
import kotlinx.coroutines.runBlocking
import w3pin.Client
import w3pin.PinOptions
import w3pin.PinningException
import w3pin.Progress

/**
 * Pins a folder, with a line that tells how far it is.
 *
 * Keys and endpoint come from `W3PIN_API_KEY`, `W3PIN_SECRET_KEY` and `W3PIN_ENDPOINT`.
 */
fun main(arguments: Array<String>) {
    val folder = Path.of(arguments.singleOrNull() ?: fail("usage: PinFolder FOLDER"))
    try {
        val pin = Client().use { client ->
            runBlocking { client.pinFolder(folder, PinOptions(name = folder.name, progress = ::show)) }
        }
        System.err.println()
        println("${pin.cid} ${pin.verification.result}")
    } catch (failed: PinningException) {
        fail("${folder.name} can't be pinned: ${failed.message}")
    }
}

private fun show(progress: Progress) {
    val percent = progress.bytesTotal?.takeIf { it > 0 }?.let { " ${100 * progress.bytesSent / it} %" }.orEmpty()
    System.err.print("\r${progress.bytesSent} bytes sent$percent")
}

private fun fail(problem: String): Nothing {
    System.err.println(problem)
    exitProcess(1)
}
