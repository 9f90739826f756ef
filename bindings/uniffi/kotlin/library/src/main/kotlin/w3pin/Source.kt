package w3pin

import java.util.Spliterator
import java.util.Spliterators
import java.util.stream.Stream
import java.util.stream.StreamSupport
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.flow
import kotlinx.coroutines.runBlocking

/** Gives items one after another, until there are no more. */
internal interface Source<out T : Any> : AutoCloseable {
    suspend fun next(): T?
}

/** Opens a source for each collection. */
internal fun <T : Any> flowOf(open: suspend () -> Source<T>): Flow<T> = flow {
    open().use { source ->
        while (true) emit(source.next() ?: break)
    }
}

/** Waits for each item when the stream gets there. */
internal fun <T : Any> Source<T>.stream(): Stream<T> {
    val items = generateSequence { runBlocking { next() } }
    val spliterator = Spliterators.spliteratorUnknownSize(items.iterator(), Spliterator.ORDERED or Spliterator.NONNULL)
    return StreamSupport.stream(spliterator, false).onClose(::close)
}
