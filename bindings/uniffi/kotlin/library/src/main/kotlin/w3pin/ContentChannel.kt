package w3pin

import java.io.IOException
import java.nio.ByteBuffer
import java.nio.channels.AsynchronousCloseException
import java.nio.channels.ClosedChannelException
import java.nio.channels.NonWritableChannelException
import java.nio.channels.SeekableByteChannel
import w3pin.ffi.CancelToken
import w3pin.ffi.NativeReader

/** A file that is read from any place in it. Closing it stops a read that another thread waits for. */
internal class ContentChannel(private val file: NativeReader) : SeekableByteChannel {
    private val size = file.size().clamped()
    private val closing = CancelToken()
    private val lock = Any()
    private var position = 0L

    @Volatile
    private var isClosed = false

    override fun read(into: ByteBuffer): Int = synchronized(lock) {
        checkOpen()
        if (position >= size) return -1
        if (!into.hasRemaining()) return 0
        val bytes = try {
            waiting { file.read(position, into.remaining().toLong(), closing) }
        } catch (failed: IOException) {
            throw if (isClosed) AsynchronousCloseException() else failed
        }
        into.put(bytes)
        position += bytes.size
        bytes.size
    }

    override fun position(): Long = synchronized(lock) {
        checkOpen()
        position
    }

    override fun position(newPosition: Long): SeekableByteChannel = synchronized(lock) {
        checkOpen()
        require(newPosition >= 0) { "the position is $newPosition; it can't be negative" }
        position = newPosition
        this
    }

    override fun size(): Long {
        checkOpen()
        return size
    }

    override fun isOpen(): Boolean = !isClosed

    override fun close() {
        isClosed = true
        closing.cancel()
        // Memory and connection go as soon as no read holds them any more.
        file.close()
    }

    override fun write(from: ByteBuffer): Int = throw NonWritableChannelException()

    override fun truncate(size: Long): SeekableByteChannel = throw NonWritableChannelException()

    private fun checkOpen() {
        if (isClosed) throw ClosedChannelException()
    }
}
