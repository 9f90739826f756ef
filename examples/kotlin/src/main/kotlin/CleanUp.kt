package w3pin.example

import kotlinx.coroutines.flow.toList
import w3pin.Client
import w3pin.ListOptions
import w3pin.Pinned

/** Lists the pins of a stage, such as `draft`, and unpins them: `CleanUp STAGE` */
suspend fun main(arguments: Array<String>) {
    Client().use { client ->
        val drafts = ListOptions(pinned = Pinned.PINNED, keyvalues = mapOf("stage" to arguments[0]))
        val pins = client.pins(drafts).toList()
        pins.forEach { println("${it.id} ${it.cid} ${it.name.orEmpty()}") }

        client.unpinManyAsCompleted(pins.map { it.id }).collect { (index, outcome) ->
            outcome.error?.let { System.err.println("${pins[index].id} can't be unpinned: ${it.message}") }
        }
    }
}
