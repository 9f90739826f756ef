package w3pin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests of the client from Java. */
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
                .rateLimit(RateLimit.UNLIMITED)
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
            assertEquals(Verification.Result.VERIFIED, pin.getVerification().getResult());
            assertEquals(Profile.KUBO_CIDV1_LEGACY, pin.getVerification().getProfile());
            assertEquals("ipfs://" + pin.getCid(), pin.getIpfsUrl());
            assertEquals("https://ipfs.io/ipfs/" + pin.getCid(), pin.gatewayUrl("https://ipfs.io/"));
            var bytes = client.pinBytes(Files.readAllBytes(file)).join();
            assertEquals(W3pin.computeCid(Content.of(file)).join().getCid(), bytes.getCid());
            assertEquals(List.of(bytes.getId(), pin.getId()), client.pins().map(Pin::getId).toList());
            var first = new ListOptionsBuilder().limit(1).pinned(Pinned.ALL).build();
            assertEquals(1, client.listPins(first).join().getPins().size());
            var gateway = server.getEndpoint().replace("/api/pinning", "");
            assertEquals(1, client.verify(Content.of(folder), pin.getCid(), gateway).join().getFiles());
            assertEquals(1, W3pin.verify(Content.of(folder), pin.getCid(), gateway).join().getFiles());
            client.unpin(pin.getId()).join();
            var gone = client.unpinMany(List.of(bytes.getId(), "none")).join();
            assertEquals(bytes.getId(), gone.get(0).getValue());
            assertInstanceOf(PinningException.class, gone.get(1).getError());
            var pinned = new ListOptionsBuilder().pinned(Pinned.PINNED).build();
            assertEquals(0, client.pins(pinned, entry -> assertNull(entry.getId())).count());
        }
    }

    @Test
    void takesFilesFromMemory() {
        var files = Map.of("0.json", "{}".getBytes(StandardCharsets.UTF_8), "b/1.json", new byte[] {7});
        var preview = W3pin.previewUpload(Content.of(files), "drop").join();
        assertEquals(List.of("drop/0.json", "drop/b/1.json"),
                preview.getFiles().stream().map(PreviewedFile::getName).toList());
        try (var client = client()) {
            var pin = client.pinFolder(files, new PinOptionsBuilder().name("drop").build()).join();
            assertEquals(preview.getCid(), pin.getCid());
            assertTrue(pin.isDir());
        }
    }

    @Test
    void givesEachOfManyAsItEnds() throws Exception {
        var paths = new ArrayList<Path>();
        for (var name : List.of("a", "b", "c")) paths.add(Files.writeString(folder.resolve(name), name));
        paths.add(1, folder.resolve("missing"));
        var items = FileItem.of(paths.toArray(Path[]::new));
        try (var client = client(); var batch = client.pinFilesAsCompleted(items)) {
            var completed = batch.collect(Collectors.toMap(Completed::getIndex, Completed::getOutcome));
            assertEquals(4, completed.size());
            assertInstanceOf(PinningException.LocalIo.class, completed.remove(1).getError());
            var ids = completed.values().stream().map(outcome -> outcome.getOrThrow().getId()).toList();
            try (var unpinned = client.unpinManyAsCompleted(ids)) {
                assertTrue(unpinned.allMatch(each -> each.getOutcome().isSuccess()));
            }
        }
    }

    @Test
    void preparesUploadsForAnotherStack() throws Exception {
        try (var client = client()) {
            var content = Content.of("hello".getBytes(StandardCharsets.UTF_8));
            var options = new PrepareOptionsBuilder().name("greeting").verify(Verify.REQUIRE).build();
            var upload = client.prepareUpload(content, folder.resolve("body"), options).join();
            var request = HttpRequest.newBuilder(URI.create(upload.getUrl()))
                    .method(upload.getMethod(), HttpRequest.BodyPublishers.ofFile(upload.getBody()));
            upload.getHeaders().forEach((name, value) -> {
                if (!name.equals("content-length")) request.header(name, value);
            });
            var response = HttpClient.newHttpClient().send(request.build(), BodyHandlers.ofByteArray());
            var kept = PreparedUpload.fromJson(upload.toJson());
            var pin = client.finishUpload(kept, response.statusCode(), response.body()).join();
            assertEquals(upload.getCid(), pin.getCid());
            assertEquals(Verification.Result.VERIFIED, pin.getVerification().getResult());
        }
    }

    @Test
    void takesTheLongestTimes() {
        var forever = ChronoUnit.FOREVER.getDuration();
        var retry = new RetryPolicyBuilder().baseDelay(forever).maxDelay(forever).budget(forever).build();
        var builder = FutureClient.builder()
                .credentials("KEY", "SECRET")
                .endpoint(server.getEndpoint())
                .connectTimeout(forever)
                .idleTimeout(forever)
                .callTimeout(forever)
                .retry(retry);
        try (var client = builder.build()) {
            client.checkCredentials().join();
            var pin = client.pinBytes(new byte[] {1}, new PinOptionsBuilder().timeout(forever).build()).join();
            assertTrue(client.waitUntilPinned(pin.getId(), forever, forever, forever).join().getPinned());
        }
    }

    @Test
    void failsWithTheSameExceptions() {
        try (var client = client()) {
            var thrown = assertThrows(CompletionException.class, () -> client.getPin("none").join());
            var notFound = assertInstanceOf(PinningException.NotFound.class, thrown.getCause());
            assertEquals(404, notFound.getStatus());
            assertFalse(notFound.isOutcomeUnknown());
            assertNull(W3pin.retryAfter(notFound));
        }
    }

    @Test
    void namesWhatIsNull() {
        try (var client = client()) {
            var missing = assertThrows(NullPointerException.class, () -> client.getPin(null));
            assertTrue(missing.getMessage().contains("parameter id"), missing.getMessage());
            var names = new ArrayList<String>();
            names.add(null);
            var thrown = assertThrows(CompletionException.class, () -> client.unpinMany(names).join());
            var refused = assertInstanceOf(PinningException.InvalidInput.class, thrown.getCause());
            assertEquals("ids", refused.getField());
            assertEquals("ids[0] is null; leave it out", refused.getMessage());
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
    void whatIsChainedMayBlock() throws Exception {
        try (var client = client()) {
            var release = new CountDownLatch(1);
            var chained = new ArrayList<java.util.concurrent.CompletableFuture<Void>>();
            for (var i = 0; i < 2 * Runtime.getRuntime().availableProcessors() + 2; i++) {
                chained.add(client.checkCredentials().thenRun(() -> {
                    try {
                        release.await();
                    } catch (InterruptedException stopped) {
                        throw new AssertionError(stopped);
                    }
                }));
            }
            client.checkCredentials().join();
            release.countDown();
            chained.forEach(java.util.concurrent.CompletableFuture::join);
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

    @Test
    void nativeTypesCannotBeUsed() throws Exception {
        assertTrue(compiles("w3pin.W3pin.computeCid(w3pin.Content.of(new byte[1]));"));
        assertFalse(compiles("new w3pin.ffi.CancelToken();"));
        assertFalse(compiles("new w3pin.ffi.WaitSettings(null, null, null);"));
        assertFalse(compiles("w3pin.ffi.W3pin_uniffiKt.gatewayUrl(\"a\", \"b\");"));
    }

    /** Returns whether a Java statement compiles. */
    private boolean compiles(String statement) throws Exception {
        var source = Files.writeString(folder.resolve("Uses.java"), "class Uses { void it() throws Exception { " + statement + " } }");
        var said = new java.io.ByteArrayOutputStream();
        var status = javax.tools.ToolProvider.getSystemJavaCompiler().run(null, said, said,
                "-proc:none", "-d", folder.toString(), "-cp", System.getProperty("java.class.path"), source.toString());
        return status == 0;
    }

    /** A fake client with only the calls that the test needs. */
    private abstract static class FakeClient implements FutureClient {
        @Override
        public java.util.concurrent.CompletableFuture<Pin> getPin(String id) {
            if (id.equals("none")) {
                var missing = new PinningException.NotFound(new ErrorDetails("there is no such pin"));
                return java.util.concurrent.CompletableFuture.failedFuture(missing);
            }
            return java.util.concurrent.CompletableFuture.completedFuture(new Pin(id, "bafkqaaa"));
        }
    }

    @Test
    void pinsAndErrorsCanBeMade() {
        assertEquals("there is no such pin",
                new PinningException.NotFound(new ErrorDetails("there is no such pin")).getMessage());
        assertEquals(new Pin("1", "bafkqaaa"), new Pin("1", "bafkqaaa"));
        assertTrue(FutureClient.class.isAssignableFrom(FakeClient.class));
        assertEquals(List.of(new Pin("1", "bafkqaaa")), new Page(List.of(new Pin("1", "bafkqaaa"))).getPins());
    }
}
