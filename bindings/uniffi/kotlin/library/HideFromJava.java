import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Marks what is generated as made by a compiler, which Java's refuses to name: {@code internal} is Kotlin's alone.
 *
 * <p>Usage: {@code java HideFromJava.java FOLDER-OF-CLASSES}
 */
class HideFromJava {
    private static final int SYNTHETIC = 0x1000;

    public static void main(String[] arguments) throws IOException {
        try (var files = Files.walk(Path.of(arguments[0]))) {
            for (var file : files.filter(it -> it.toString().endsWith(".class")).toList()) {
                var bytes = Files.readAllBytes(file);
                hide(ByteBuffer.wrap(bytes));
                Files.write(file, bytes);
            }
        }
    }

    /** See chapter 4 of the Java Virtual Machine Specification. */
    private static void hide(ByteBuffer code) {
        code.position(8);
        var constants = Short.toUnsignedInt(code.getShort());
        for (var index = 1; index < constants; index++) {
            var tag = code.get();
            switch (tag) {
                case 1 -> skip(code, Short.toUnsignedInt(code.getShort()));
                case 3, 4, 9, 10, 11, 12, 17, 18 -> skip(code, 4);
                case 5, 6 -> {
                    skip(code, 8);
                    index++;
                }
                case 7, 8, 16, 19, 20 -> skip(code, 2);
                case 15 -> skip(code, 3);
                default -> throw new IllegalArgumentException("a constant of kind " + tag + " isn't known");
            }
        }
        mark(code);
        skip(code, 4);
        skip(code, 2 * Short.toUnsignedInt(code.getShort()));
        // Fields stay as they are: JNA reads those of structures. Then come the methods.
        members(code, false);
        members(code, true);
    }

    private static void members(ByteBuffer code, boolean areHidden) {
        for (var left = Short.toUnsignedInt(code.getShort()); left > 0; left--) {
            if (areHidden) mark(code);
            else skip(code, 2);
            skip(code, 4);
            for (var attributes = Short.toUnsignedInt(code.getShort()); attributes > 0; attributes--) {
                skip(code, 2);
                skip(code, code.getInt());
            }
        }
    }

    private static void mark(ByteBuffer code) {
        var at = code.position();
        code.putShort((short) (code.getShort(at) | SYNTHETIC));
    }

    private static void skip(ByteBuffer code, int bytes) {
        code.position(code.position() + bytes);
    }
}
