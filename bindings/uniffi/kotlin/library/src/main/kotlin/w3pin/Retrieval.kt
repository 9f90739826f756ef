package w3pin

import java.nio.channels.SeekableByteChannel
import java.nio.file.Path
import kotlinx.coroutines.flow.Flow
import w3pin.ffi.CancelToken
import w3pin.ffi.FetchFeed
import w3pin.ffi.NativeRetriever

/** The calls of a retriever, for itself or over a client. */
internal class Retrieval(private val native: NativeRetriever) : ContentRetriever {
    override suspend fun resolve(path: String): Node = calling { native.resolve(path.text("path"), null).toNode() }

    override suspend fun read(path: String, options: ReadOptions): ByteArray =
        calling { native.read(path.text("path"), options.toSettings(), null) }

    override fun stream(path: String, options: ReadOptions): Flow<ByteArray> = flowOf { streaming(path, options) }

    override suspend fun open(path: String): SeekableByteChannel =
        ContentChannel(calling { native.open(path.text("path"), null) })

    override fun list(path: String): Flow<FolderEntry> = flowOf { listing(path) }

    override suspend fun fetch(path: String, destination: Path, options: FetchOptions): Fetched {
        val code = AppCode.begin()
        val feed = options.onProgress?.let { FetchFeed() }
        try {
            val settings = options.toSettings(feed)
            feed?.let { code.listen(it::next) { progress -> options.onProgress(progress.toProgress()) } }
            val fetched = code.run {
                native.fetch(path.text("path"), destination.local("destination"), settings, null)
            }
            feed?.end()
            code.told()
            return fetched.toFetched()
        } finally {
            code.stop()
            feed?.close()
        }
    }

    override fun close(): Unit = native.shutdown()

    internal fun streaming(path: String, options: ReadOptions): Source<ByteArray> {
        val cursor = calling { native.stream(path.text("path"), options.toSettings()) }
        val stopping = CancelToken()
        return object : Source<ByteArray> {
            override suspend fun next() = calling { cursor.next(stopping) }

            override fun close() {
                stopping.cancel()
                cursor.close()
            }
        }
    }

    internal fun listing(path: String): Source<FolderEntry> {
        val cursor = calling { native.list(path.text("path")) }
        return object : Source<FolderEntry> {
            override suspend fun next() = calling { cursor.next(null) }?.toEntry()

            override fun close() = cursor.close()
        }
    }
}
