package w3pin

import java.nio.ByteBuffer
import java.nio.channels.Channels
import java.nio.channels.ClosedChannelException
import java.nio.channels.NonWritableChannelException
import java.nio.channels.SeekableByteChannel
import java.nio.file.Path
import java.util.zip.ZipEntry
import java.util.zip.ZipInputStream
import java.util.zip.ZipOutputStream
import kotlin.io.path.readBytes
import kotlin.io.path.readText
import kotlin.io.path.writeBytes
import kotlin.io.path.writeText
import kotlin.random.Random
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Assertions.assertArrayEquals
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.assertThrows
import org.junit.jupiter.api.io.TempDir

/** Tests of reading pinned content through the service's gateway. */
class RetrievalTest {
    private val server = LocalServer()
    private val client = server.client()
    private val retriever = Retriever(gateways = listOf(server.gateway))
    private val film = Random(7).nextBytes(3_000_000)

    @TempDir
    private lateinit var folder: Path

    @AfterEach
    fun stop() {
        retriever.close()
        client.close()
        server.close()
    }

    private suspend fun site(): String =
        client.pinFolder(mapOf("index.html" to "<h1>here</h1>".toByteArray(), "films/a.mp4" to film)).cid

    @Test
    fun `files and folders are found, read and listed`(): Unit = runBlocking {
        val site = site()
        val file = "$site/films/a.mp4"
        assertEquals(NodeKind.FOLDER, retriever.resolve(site).kind)
        val node = retriever.resolve(file)
        assertEquals(Node(computeCid(Content.of(film)).cid, NodeKind.FILE, 3_000_000), node)

        for (path in listOf(file, "/ipfs/$file", "ipfs://$file", "https://example.com/ipfs/$file?download=true")) {
            assertArrayEquals(film, retriever.read(path))
        }
        assertArrayEquals(film.copyOfRange(1_000_000, 1_000_009), retriever.read(file, ReadOptions(1_000_000, 1_000_009)))
        assertArrayEquals(film.copyOfRange(2_999_990, 3_000_000), retriever.read(file, ReadOptions(2_999_990, Long.MAX_VALUE)))
        assertEquals(0, retriever.read(file, ReadOptions(5, 5)).size)

        val pieces = retriever.stream(file, ReadOptions(start = 10)).toList()
        assertTrue(pieces.size > 1)
        assertArrayEquals(film.drop(10).toByteArray(), pieces.reduce(ByteArray::plus))

        val entries = retriever.list(site).toList()
        assertEquals(listOf("films", "index.html"), entries.map { it.name })
        assertEquals(listOf(NodeKind.FOLDER, NodeKind.FILE), entries.map { it.kind })
        assertEquals(listOf(null, 13L), entries.map { it.size })
    }

    @Test
    fun `a client's retriever reads from its service`(): Unit = runBlocking {
        val site = site()
        val own: ContentRetriever = client.retriever()
        assertEquals("<h1>here</h1>", own.read("$site/index.html").decodeToString())
        own.close()
        val closed = assertThrows<IllegalStateException> { runBlocking { own.read(site) } }
        assertEquals("the retriever is closed", closed.message)
        client.checkCredentials()
        val another = client.retriever()
        client.close()
        val late = assertThrows<IllegalStateException> { runBlocking { another.resolve(site) } }
        assertEquals("the client is closed", late.message)
        assertThrows<IllegalStateException> { client.retriever() }
    }

    @Test
    fun `a file is read from any place in it`(): Unit = runBlocking {
        val file = retriever.open("${site()}/films/a.mp4")
        assertEquals(3_000_000, file.size())
        for (position in listOf(2_500_000L, 0L, 262_143L, 2_999_999L)) {
            file.position(position)
            val buffer = ByteBuffer.allocate(1000)
            while (buffer.hasRemaining() && file.read(buffer) >= 0) continue
            assertArrayEquals(film.drop(position.toInt()).take(1000).toByteArray(), buffer.array().copyOf(buffer.position()))
            assertEquals(position + buffer.position(), file.position())
        }
        file.position(Long.MAX_VALUE)
        assertEquals(-1, file.read(ByteBuffer.allocate(1)))
        file.position(0)
        assertEquals(0, file.read(ByteBuffer.allocate(0)))
        assertThrows<IllegalArgumentException> { file.position(-1) }
        assertThrows<NonWritableChannelException> { file.write(ByteBuffer.allocate(1)) }
        assertThrows<NonWritableChannelException> { file.truncate(0) }
        assertArrayEquals(film, Channels.newInputStream(file).readAllBytes())
        file.close()
        file.close()
        assertFalse(file.isOpen)
        assertThrows<ClosedChannelException> { file.read(ByteBuffer.allocate(1)) }
        assertThrows<ClosedChannelException> { file.size() }
    }

    @Test
    fun `what reads streams of Java reads an open file`(): Unit = runBlocking {
        val archive = folder.resolve("a.zip")
        ZipOutputStream(archive.toFile().outputStream()).use {
            it.putNextEntry(ZipEntry("film"))
            it.write(film)
        }
        val pin = client.pinFile(archive)
        retriever.open(pin.cid).use { file ->
            val zip = ZipInputStream(Channels.newInputStream(file))
            assertEquals("film", zip.nextEntry.name)
            assertArrayEquals(film, zip.readAllBytes())
        }
    }

    @Test
    fun `a folder is fetched, and fetched again for nothing`(): Unit = runBlocking {
        val site = site()
        val destination = folder.resolve("site")
        val told = mutableListOf<FetchProgress>()
        val fetched = retriever.fetch(site, destination, FetchOptions(onProgress = told::add))
        assertEquals(Fetched(site, 2, 3_000_013, 3_000_013), fetched)
        assertArrayEquals(film, destination.resolve("films/a.mp4").readBytes())
        assertEquals(FetchProgress(3_000_013, null, 2), told.last())
        assertTrue(told.zipWithNext().all { (before, after) -> before.bytes <= after.bytes }, "$told")

        val again = retriever.fetch(site, destination.toFile())
        assertEquals(Fetched(site, 2, 3_000_013, 0), again)

        destination.resolve("index.html").writeText("mine")
        val kept = assertThrows<PinningException.LocalIo> { runBlocking { retriever.fetch(site, destination) } }
        assertTrue(kept.path.orEmpty().endsWith("index.html"), "$kept")
        assertEquals("mine", destination.resolve("index.html").readText())
        retriever.fetch(site, destination, FetchOptions(overwrite = true, concurrency = 1))
        assertEquals("<h1>here</h1>", destination.resolve("index.html").readText())
    }

    @Test
    fun `a lone file is fetched with its total`(): Unit = runBlocking {
        val cid = client.pinBytes(film).cid
        var last: FetchProgress? = null
        val options = FetchOptions(onProgress = { last = it })
        val fetched = retriever.fetch(cid, folder.resolve("a.mp4"), options)
        assertEquals(1, fetched.files)
        assertEquals(FetchProgress(3_000_000, 3_000_000, 1), last)
        folder.resolve("a.mp4").writeBytes(film.copyOf(film.size / 2))
        retriever.fetch(cid, folder.resolve("a.mp4"), FetchOptions(overwrite = true))
        assertArrayEquals(film, folder.resolve("a.mp4").readBytes())
    }

    @Test
    fun `a retriever can be faked`(): Unit = runBlocking {
        val fake = object : ContentRetriever by retriever {
            override suspend fun read(path: String, options: ReadOptions) = path.toByteArray()

            override suspend fun open(path: String): SeekableByteChannel =
                java.nio.file.Files.newByteChannel(folder.resolve("here").apply { writeText("content") })
        }
        assertEquals("any", fake.read("any").decodeToString())
        assertEquals(7, fake.open("any").use { it.size() })
    }
}
