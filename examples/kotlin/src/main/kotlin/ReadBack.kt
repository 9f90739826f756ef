package w3pin.example

import kotlin.io.path.Path
import w3pin.Client

/** Fetches a file or folder and checks every block against its CID; run it again to resume: `ReadBack CID DESTINATION` */
suspend fun main(arguments: Array<String>) {
    val (cid, destination) = arguments

    val fetched = Client().use { client ->
        client.retriever().use { retriever -> retriever.fetch(cid, Path(destination)) }
    }

    println("${fetched.files} files, ${fetched.bytes} bytes, ${fetched.bytesFetched} of them fetched")
}
