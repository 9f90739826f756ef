import java.nio.file.Path;
import w3pin.FutureClient;
import w3pin.PinOptionsBuilder;
import w3pin.Verify;

/** Pins a folder, fails unless the CID is proved, and waits until the service has all of it. */
class PinFolder {
    public static void main(String[] arguments) {
        try (var client = FutureClient.builder().build()) {
            var options = new PinOptionsBuilder().verify(Verify.REQUIRE).build();
            var pin = client.pinFolder(Path.of(arguments[0]), options)
                .thenCompose(upload -> client.waitUntilPinned(upload.getId()))
                .join();

            System.out.println(pin.getCid());
        }
    }
}
