package w3pin

import java.io.IOException
import java.io.InputStream

/** The pieces of a file as a stream of Java. The request is sent with the first read. */
internal class ContentInputStream(open: () -> Source<ByteArray>) : InputStream() {
    private val source = lazy(open)
    private var piece = ByteArray(0)
    private var at = 0
    private var isAtEnd = false

    /** What failed stays so: an end would look as if all had come. */
    private var failure: IOException? = null

    @Volatile
    private var isClosed = false

    override fun read(): Int {
        val one = ByteArray(1)
        return if (read(one, 0, 1) < 0) -1 else one[0].toInt() and 0xff
    }

    override fun read(into: ByteArray, offset: Int, length: Int): Int {
        if (offset < 0 || length < 0 || length > into.size - offset) {
            throw IndexOutOfBoundsException("$length bytes from $offset on don't lie within ${into.size}")
        }
        if (length == 0) return 0
        if (!isFilled()) return -1
        val count = minOf(length, piece.size - at)
        piece.copyInto(into, offset, at, at + count)
        at += count
        return count
    }

    override fun available(): Int {
        checkOpen()
        return piece.size - at
    }

    override fun close() {
        isClosed = true
        if (source.isInitialized()) source.value.close()
    }

    /** Waits until there are bytes; false at the end. */
    private fun isFilled(): Boolean {
        checkOpen()
        failure?.let { throw it }
        while (at == piece.size && !isAtEnd) {
            try {
                piece = waiting { source.value.next() } ?: ByteArray(0).also { isAtEnd = true }
                at = 0
            } catch (failed: IOException) {
                checkOpen()
                failure = failed
                throw failed
            }
        }
        return !isAtEnd
    }

    private fun checkOpen() {
        if (isClosed) throw IOException("the stream is closed")
    }
}
