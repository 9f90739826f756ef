package w3pin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The client as Java sees it. */
class JavaTest {
    private final LocalServer server = new LocalServer();

    @TempDir
    Path folder;

    @AfterEach
    void stop() {
        server.close();
    }

    private FutureClient client() {
        return FutureClient.builder()
                .credentials("KEY", "SECRET")
                .endpoint(server.getEndpoint())
                .callTimeout(Duration.ofSeconds(30))
                .retry(new RetryPolicyBuilder().attempts(2).baseDelay(Duration.ofMillis(1)).build())
                .build();
    }

    @Test
    void pinsListsProvesAndUnpins() throws Exception {
        var file = Files.writeString(folder.resolve("a.txt"), "hello");
        try (var client = client()) {
            client.checkCredentials().join();
            var options = new PinOptionsBuilder()
                    .name("mine")
                    .keyvalues(Map.of("from", "java"))
                    .verify(Verify.REQUIRE)
                    .timeout(Duration.ofSeconds(30))
                    .build();
            var pin = client.pinFolder(folder, options).join();
            assertEquals("mine", pin.getName());
            assertEquals(Map.of("from", "java"), pin.getKeyvalues());
            var bytes = client.pinBytes(Files.readAllBytes(file)).join();
            assertEquals(FutureClient.computeCid(file).join().getCid(), bytes.getCid());
            assertEquals(List.of(bytes.getId(), pin.getId()), client.pins().map(Pin::getId).toList());
            assertEquals(1, client.listPins(new ListOptions(0L, 1, Pinned.ALL)).join().getPins().size());
            var gateway = server.getEndpoint().replace("/api/pinning", "");
            assertEquals(1, client.verify(folder, pin.getCid(), gateway).join().getFiles());
            client.unpin(pin.getId()).join();
            var gone = client.unpinMany(List.of(bytes.getId(), "none")).join();
            assertNull(gone.get(0).getError());
            assertInstanceOf(PinningException.class, gone.get(1).getError());
            assertEquals(0, client.pins(new ListOptions(0L, 10, Pinned.PINNED)).count());
        }
    }

    @Test
    void failsWithTheSameExceptions() {
        try (var client = client()) {
            var thrown = assertThrows(CompletionException.class, () -> client.getPin("none").join());
            var notFound = assertInstanceOf(PinningException.NotFound.class, thrown.getCause());
            assertEquals(404, notFound.getStatus());
            assertNull(FutureClient.retryAfter(notFound));
        }
    }

    @Test
    void cancellingAFutureStopsItsUpload() throws Exception {
        try (var client = client()) {
            var underWay = new CountDownLatch(1);
            var options = new PinOptionsBuilder().progress(told -> underWay.countDown()).build();
            var upload = client.pinStream(new Endless(), options);
            underWay.await();
            assertTrue(upload.cancel(true));
            assertThrows(CancellationException.class, upload::join);
            assertEquals(0, client.pins().count());
        }
    }

    @Test
    void refusesCallsAfterClose() {
        var client = client();
        client.close();
        var thrown = assertThrows(CompletionException.class, () -> client.getPin("x").join());
        var closed = assertInstanceOf(IllegalStateException.class, thrown.getCause());
        assertEquals("the client is closed", closed.getMessage());
    }
}
