package w3pin

import java.nio.file.Files
import java.nio.file.Path
import kotlin.io.path.ExperimentalPathApi
import kotlin.io.path.deleteRecursively

/** The workspace's folder. */
val workspace: Path = Path.of(System.getProperty("w3pin.workspace")).toRealPath()

/** The folder of the workspace's programs, which are built unless `W3PIN_PROGRAMS` is set. */
private val programs: Path by lazy {
    System.getenv("W3PIN_PROGRAMS")?.let { return@lazy Path.of(it) }
    val packages = listOf("w3pin-cli", "w3pin", "w3pin-contract", "w3pin-scenarios").chunked(2)
    for ((name, program) in packages) {
        val build = ProcessBuilder("cargo", "build", "--quiet", "--package", name, "--bin", program)
        check(build.directory(workspace.toFile()).inheritIO().start().waitFor() == 0) { "$program can't be built" }
    }
    workspace.resolve(System.getenv("CARGO_TARGET_DIR") ?: "target").resolve("debug")
}

/** A program of the workspace that runs until it is closed; its first line of output is its address. */
open class Program(name: String, vararg arguments: String) : AutoCloseable {
    private val process: Process = ProcessBuilder("${programs.resolve(name)}", *arguments)
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start()
    val firstLine: String = process.inputStream.bufferedReader().readLine() ?: error("$name said nothing")

    override fun close() {
        process.outputStream.close()
        process.destroy()
        process.waitFor()
    }
}

/** The real service, on a free port of this machine. */
class LocalServer private constructor(private val data: Path) :
    Program(
        "w3pin", "serve", "--listen", "127.0.0.1:0", "--data", "$data", "--api-key", "KEY", "--secret-key", "SECRET",
    ) {
    constructor() : this(Files.createTempDirectory("w3pin-"))

    val endpoint: String = Regex("http://\\S+(?<!,)").find(firstLine)!!.value

    /** The URL of the service's gateway. */
    val gateway: String = endpoint.removeSuffix("/api/pinning")

    fun client(): Client = Client(Credentials("KEY", "SECRET"), endpoint)

    @OptIn(ExperimentalPathApi::class)
    override fun close() {
        super.close()
        data.deleteRecursively()
    }
}
