package w3pin;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests of the retriever from Java. */
class JavaRetrieverTest {
    private final LocalServer server = new LocalServer();
    private final byte[] film = new byte[1_000_000];
    private final String site;

    @TempDir
    Path folder;

    JavaRetrieverTest() {
        new Random(7).nextBytes(film);
        try (var client = client()) {
            site = client.pinFolder(Map.of("a.mp4", film, "b.txt", new byte[] {7})).join().getCid();
        }
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private FutureClient client() {
        return FutureClient.builder().credentials("KEY", "SECRET").endpoint(server.getEndpoint()).build();
    }

    private FutureRetriever retriever(String gateway) {
        return FutureRetriever.builder()
                .gateways(List.of(gateway))
                .environment(false)
                .connectTimeout(Duration.ofSeconds(10))
                .idleTimeout(Duration.ofSeconds(30))
                .callTimeout(Duration.ofSeconds(30))
                .noProxy(true)
                .userAgent("java")
                .retry(new RetryPolicyBuilder().attempts(1).build())
                .build();
    }

    @Test
    void readsWhatWasPinned() throws Exception {
        try (var client = client(); var retriever = client.retriever()) {
            assertEquals(NodeKind.FOLDER, retriever.resolve(site).join().getKind());
            assertArrayEquals(film, retriever.read(site + "/a.mp4").join());
            var options = new ReadOptionsBuilder().start(10).end(20).mostBytes(10).build();
            assertArrayEquals(java.util.Arrays.copyOfRange(film, 10, 20), retriever.read(site + "/a.mp4", options).join());
            try (var stream = retriever.stream(site + "/a.mp4")) {
                assertEquals(film[0] & 0xff, stream.read());
                assertTrue(stream.available() > 0);
                assertEquals(9, stream.skip(9));
                assertEquals(0, stream.read(new byte[0]));
                var rest = stream.readAllBytes();
                assertArrayEquals(java.util.Arrays.copyOfRange(film, 10, film.length), rest);
                assertEquals(-1, stream.read());
                assertThrows(IndexOutOfBoundsException.class, () -> stream.read(new byte[1], 1, 1));
            }
            try (var file = retriever.open(site + "/a.mp4").join()) {
                var buffer = ByteBuffer.allocateDirect(5);
                file.position(file.size() - 5);
                while (buffer.hasRemaining()) file.read(buffer);
                assertEquals(film[film.length - 1], buffer.get(4));
            }
            try (var entries = retriever.list(site)) {
                assertEquals(List.of("a.mp4", "b.txt"), entries.map(FolderEntry::getName).toList());
            }
        }
    }

    @Test
    void fetchesToTheDisk() throws Exception {
        try (var retriever = retriever(server.getGateway())) {
            var told = new ArrayList<FetchProgress>();
            var options = new FetchOptionsBuilder()
                    .overwrite(true)
                    .concurrency(2)
                    .symlinks(SymlinkPolicy.SKIP)
                    .mostBytes(1L << 30)
                    .mostEntries(10)
                    .onProgress(told::add)
                    .build();
            var fetched = retriever.fetch(site, folder.resolve("site"), options).join();
            assertEquals(new Fetched(site, 2, 1_000_001, 1_000_001), fetched);
            assertArrayEquals(film, Files.readAllBytes(folder.resolve("site/a.mp4")));
            assertEquals(2, told.get(told.size() - 1).getFiles());
            assertEquals(0, retriever.fetch(site, folder.resolve("site")).join().getBytesFetched());
        }
    }

    @Test
    void failsWithTheSameExceptions() throws Exception {
        try (var retriever = retriever(server.getGateway())) {
            var missing = assertThrows(CompletionException.class, () -> retriever.read(site + "/none").join());
            assertInstanceOf(PinningException.NotFound.class, missing.getCause());
            var odd = assertThrows(CompletionException.class, () -> retriever.resolve("odd").join());
            assertEquals("cid", assertInstanceOf(PinningException.InvalidInput.class, odd.getCause()).getField());
            assertThrows(PinningException.InvalidInput.class, () -> retriever.list("odd"));
            assertThrows(NullPointerException.class, () -> retriever.read(null));
            for (var path : List.of("odd", site, site + "/none")) {
                try (var stream = retriever.stream(path)) {
                    var failed = assertThrows(IOException.class, stream::read);
                    assertInstanceOf(PinningException.class, failed.getCause());
                    // A failed stream doesn't look complete afterwards.
                    assertThrows(IOException.class, stream::read);
                }
            }
            var closed = retriever.stream(site + "/a.mp4");
            closed.close();
            closed.close();
            assertThrows(IOException.class, closed::read);
        }
        var closed = retriever(server.getGateway());
        closed.close();
        var thrown = assertThrows(CompletionException.class, () -> closed.read(site).join());
        assertInstanceOf(IllegalStateException.class, thrown.getCause());
        try (var stream = closed.stream(site)) {
            assertThrows(IOException.class, stream::read);
        }
    }

    @Test
    void cancellingAFutureClosesItsConnection() throws Exception {
        try (var silent = new SilentServer(); var retriever = retriever(silent.getAddress())) {
            var reading = retriever.read(site);
            var connection = silent.getConnections().take();
            assertTrue(reading.cancel(true));
            assertThrows(CancellationException.class, reading::join);
            SilentServerKt.readToItsEnd(connection);
        }
    }

    @Test
    void closingAStreamEndsAReadThatWaits() throws Exception {
        try (var silent = new SilentServer(); var retriever = retriever(silent.getAddress())) {
            var stream = retriever.stream(site);
            var reading = CompletableFuture.supplyAsync(() -> assertThrows(IOException.class, stream::read));
            var connection = silent.getConnections().take();
            stream.close();
            assertEquals("the stream is closed", reading.join().getMessage());
            SilentServerKt.readToItsEnd(connection);
        }
    }

    /** A fake retriever with only the calls that the test needs. */
    private abstract static class FakeRetriever implements FutureRetriever {
        @Override
        public InputStream stream(String path, ReadOptions options) {
            return new ByteArrayInputStream(new byte[] {7});
        }
    }

    @Test
    void canBeFaked() {
        assertTrue(FutureRetriever.class.isAssignableFrom(FakeRetriever.class));
        assertEquals(new Node("bafkqaaa", NodeKind.BLOCK), new Node("bafkqaaa", NodeKind.BLOCK, null, null));
        assertEquals("a", new FolderEntry("a", "bafkqaaa", NodeKind.FILE).getName());
    }
}
