package w3pin

import java.io.IOException
import java.io.InputStream
import java.io.InterruptedIOException
import kotlin.coroutines.CoroutineContext
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import kotlinx.coroutines.async
import kotlinx.coroutines.cancel
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.runInterruptible
import kotlinx.coroutines.selects.select
import w3pin.ffi.BytePipe
import w3pin.ffi.Failure
import w3pin.ffi.InternalException

/** Runs a native call, and turns what it throws into what this package throws. */
internal inline fun <T> calling(call: () -> T): T = try {
    call()
} catch (failure: Failure.Pinning) {
    throw failure.details.toException()
} catch (failure: Failure.RetrieverClosed) {
    throw IllegalStateException("the retriever is closed", failure)
} catch (failure: Failure) {
    throw IllegalStateException("the client is closed", failure)
} catch (panic: InternalException) {
    throw IllegalStateException("w3pin failed in itself: ${panic.message}", panic)
}

/**
 * Code of the app that runs beside a call: a listener, a stream. An exception that it throws stops the call.
 *
 * It isn't a child of the call. Code that doesn't return, such as a read that nothing interrupts, keeps a call neither
 * from being cancelled nor from ending.
 */
internal class AppCode private constructor(private val context: CoroutineContext) {
    private val scope = CoroutineScope(context + Job())
    private val thrown = CompletableDeferred<Throwable>()
    private var listening: Job? = null

    /** Tells a listener of the newest progress, until there is no more. */
    fun <P : Any> listen(next: suspend () -> P?, tell: (P) -> Unit) {
        listening = begin {
            while (true) tell(next() ?: break)
        }
    }

    /** Reads a stream, a block whenever the engine wants one. */
    fun read(stream: InputStream, pipe: BytePipe) {
        begin {
            val block = ByteArray(BLOCK)
            while (pipe.isWanted()) {
                val length = runInterruptible { stream.read(block) }
                if (length > block.size) throw IOException("the stream gave $length bytes where it was asked for $BLOCK")
                pipe.give(if (length < 0) null else block.copyOf(length))
            }
        }
    }

    /** Runs a call until it ends, or code of the app throws. */
    suspend fun <T> run(call: suspend () -> T): T = coroutineScope {
        val result = async { runCatching { calling { call() } } }
        select {
            thrown.onAwait { problem ->
                result.cancelAndJoin()
                throw problem
            }
            result.onAwait { it.getOrThrow() }
        }
    }

    /** Waits until the listener was told of the end. */
    suspend fun told() {
        listening?.let { run { it.join() } }
    }

    /** Stops the code of the app, and doesn't wait for that. */
    fun stop() = scope.cancel()

    private fun begin(code: suspend () -> Unit): Job = scope.launch(ownThread()) {
        try {
            code()
        } catch (problem: Throwable) {
            thrown.complete(problem)
        }
    }

    companion object {
        private const val BLOCK = 256 * 1024

        /** Code that runs beside the calls of the caller, in its context. */
        suspend fun begin() = AppCode(currentCoroutineContext().minusKey(Job))
    }
}

/** Somewhere to run what may block: a thread that nobody else waits for, whatever else the app does. */
internal fun ownThread() = Dispatchers.IO.limitedParallelism(1)

/** Waits for a call on this thread, and throws what streams and channels of Java throw. */
internal fun <T> waiting(call: suspend () -> T): T = try {
    runBlocking { calling { call() } }
} catch (failed: PinningException) {
    throw IOException(failed.message, failed)
} catch (closed: IllegalStateException) {
    throw IOException(closed.message, closed)
} catch (interrupted: InterruptedException) {
    Thread.currentThread().interrupt()
    throw InterruptedIOException("the thread was interrupted while it waited for content")
}
