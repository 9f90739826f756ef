package w3pin

import w3pin.ffi.BatchCursor
import w3pin.ffi.Outcome as Record
import w3pin.ffi.ProgressFeed

/** Gives the calls of a batch as they end. Closing it stops the rest. */
internal class BatchSource<T : Any>(
    private val cursor: BatchCursor,
    private val code: AppCode,
    private val feed: ProgressFeed? = null,
    private val read: (Int, Record) -> Outcome<T>,
) : Source<Completed<T>> {
    override suspend fun next(): Completed<T>? {
        val item = code.run { cursor.next(null) }
        if (item == null) {
            feed?.end()
            code.told()
            return null
        }
        val index = item.index.toInt()
        return Completed(index, read(index, item.outcome))
    }

    override fun close() {
        code.stop()
        cursor.close()
        feed?.close()
    }
}
