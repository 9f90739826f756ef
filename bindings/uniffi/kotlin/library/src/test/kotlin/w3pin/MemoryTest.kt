package w3pin

import java.nio.file.Path
import kotlin.io.path.readText
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.condition.EnabledOnOs
import org.junit.jupiter.api.condition.OS

/** Ten thousand calls leak no memory. The heap has a fixed size and is touched, so any growth is native. */
class MemoryTest {
    @Test
    @EnabledOnOs(OS.LINUX)
    fun `ten thousand calls leave nothing behind`(): Unit = runBlocking {
        LocalServer().use { server ->
            server.client().use { client ->
                // The compiler and the pools need some calls to reach a steady state.
                calls(client, 3_000)
                val before = memory()
                calls(client, 10_000)
                val growth = memory() - before
                println("10,000 calls: ${growth shr 10} KiB more")
                assertTrue(growth < 16 shl 20, "$growth bytes more")
            }
        }
    }

    private var told = 0L

    /** Successes, failures, and occasional uploads with a listener and a stream. */
    private suspend fun calls(client: Client, times: Int) = repeat(times) { i ->
        when (i % 100) {
            0 -> client.pinStream("$i".byteInputStream(), PinOptions(progress = { told += it.bytesSent }))
            in 1..49 -> client.checkCredentials()
            else -> assertTrue(runCatching { client.getPin("none") }.exceptionOrNull() is PinningException.NotFound)
        }
    }

    private fun memory(): Long {
        System.gc()
        val pages = Path.of("/proc/self/statm").readText().split(" ")[1].toLong()
        return pages * PAGE
    }

    private companion object {
        const val PAGE = 4096L
    }
}
