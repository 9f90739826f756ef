package w3pin.example

import kotlin.io.path.Path
import w3pin.Client
import w3pin.SyncOptions

/** Keeps a folder pinned under a name, sends it only if it has changed, and prints its CID: `SyncFolder FOLDER NAME` */
suspend fun main(arguments: Array<String>) {
    val synced = Client().use { client ->
        client.syncFolder(Path(arguments[0]), arguments[1], SyncOptions(keep = 3))
    }

    println(synced.cid)
}
