package w3pin

import java.nio.charset.CharacterCodingException
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.launch
import w3pin.ffi.Failure
import w3pin.ffi.ForeignFailure
import w3pin.ffi.InternalException
import w3pin.ffi.ProgressListener
import w3pin.ffi.TransferProgress

/** Runs a native call, and turns what it throws into what this package throws. */
internal inline fun <T> calling(call: () -> T): T = try {
    call()
} catch (failure: Failure.Pinning) {
    throw failure.details.toException()
} catch (failure: Failure) {
    throw IllegalStateException("the client is closed", failure)
} catch (unpaired: CharacterCodingException) {
    throw invalidInput("text", "a text holds half of a character, so it can't be sent").apply { initCause(unpaired) }
} catch (panic: InternalException) {
    throw IllegalStateException("w3pin failed in itself: ${panic.message}", panic)
}

/** A call that runs code of the caller, such as a listener. What that throws stops it, and is what it throws. */
internal class GuardedCall {
    private val thrown = CompletableDeferred<Throwable>()

    suspend fun <T> run(call: suspend () -> T): T = coroutineScope {
        val guard = launch { throw thrown.await() }
        val result = runCatching { calling { call() } }
        guard.cancel()
        if (thrown.isCompleted) throw thrown.await()
        result.getOrThrow()
    }

    /** Runs code of the caller for the engine, which learns only that it failed. */
    inline fun <T> guard(code: () -> T): T = try {
        code()
    } catch (problem: Throwable) {
        fail(problem)
        throw ForeignFailure.Thrown(problem.toString())
    }

    fun fail(problem: Throwable) {
        thrown.complete(problem)
    }
}

internal class Listener(private val call: GuardedCall, private val tell: (Progress) -> Unit) : ProgressListener {
    override fun onProgress(progress: TransferProgress) = call.guard {
        tell(Progress(progress.bytesSent.toLong(), progress.bytesTotal?.toLong(), progress.file))
    }
}
