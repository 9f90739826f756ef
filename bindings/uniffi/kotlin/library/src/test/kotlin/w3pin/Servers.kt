package w3pin

import java.nio.file.Files
import java.nio.file.Path
import kotlin.io.path.ExperimentalPathApi
import kotlin.io.path.deleteRecursively

/** The workspace's folder. */
val workspace: Path = Path.of(System.getProperty("w3pin.workspace")).toRealPath()

/** A program of the workspace that runs until it is closed; its first line of output tells where it is. */
open class Program(vararg arguments: String) : AutoCloseable {
    private val process: Process = ProcessBuilder("cargo", "run", "--quiet", *arguments)
        .directory(workspace.toFile())
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start()
    protected val output = process.inputStream.bufferedReader()
    val firstLine: String = output.readLine() ?: error("${arguments.joinToString(" ")} said nothing")

    override fun close() {
        process.outputStream.close()
        process.descendants().forEach(ProcessHandle::destroy)
        process.destroy()
        process.waitFor()
    }
}

/** The real service, on a free port of this machine. */
class LocalServer private constructor(private val data: Path) :
    Program(
        "-p", "w3pin-cli", "--", "serve", "--listen", "127.0.0.1:0", "--data", "$data",
        "--api-key", "KEY", "--secret-key", "SECRET",
    ) {
    constructor() : this(Files.createTempDirectory("w3pin-"))

    val endpoint: String = Regex("http://\\S+(?<!,)").find(firstLine)!!.value

    fun client(): Client = Client(Credentials("KEY", "SECRET"), endpoint)

    @OptIn(ExperimentalPathApi::class)
    override fun close() {
        super.close()
        data.deleteRecursively()
    }
}
