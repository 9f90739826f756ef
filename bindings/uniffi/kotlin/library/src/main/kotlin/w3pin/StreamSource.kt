package w3pin

import java.io.InputStream
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.runInterruptible
import w3pin.ffi.ByteSource

/** A stream as the engine reads it: a block when it needs one, never the whole. */
internal class StreamSource(private val call: GuardedCall, private val stream: InputStream) : ByteSource {
    override suspend fun read(): ByteArray? {
        val block = ByteArray(BLOCK)
        val length = try {
            runInterruptible(Dispatchers.IO) { stream.read(block) }
        } catch (stopped: CancellationException) {
            throw stopped
        } catch (problem: Throwable) {
            call.guard { throw problem }
        }
        return if (length < 0) null else block.copyOf(length)
    }

    private companion object {
        const val BLOCK = 256 * 1024
    }
}
