package w3pin

import java.nio.file.Path
import kotlinx.serialization.encodeToString
import kotlinx.serialization.json.Json

/** Plays one scenario in the environment of this process: OneScenario ID FOLDER ENDPOINT */
fun main(arguments: Array<String>) {
    val (id, folder, endpoint) = arguments
    val scenario = allScenarios().first { it.text("id") == id }
    println(Json.encodeToString(play(scenario, Path.of(folder), endpoint)))
}
