package w3pin

import java.nio.file.FileSystems
import java.nio.file.Path
import w3pin.ffi.LocalContent

/**
 * A file or folder, on disk or in memory.
 *
 * ```kotlin
 * computeCid(Content.of(Path("site")))
 * computeCid(Content.of(mapOf("0.json" to json, "images/0.png" to image)))
 * ```
 */
public class Content private constructor(private val make: (field: String) -> LocalContent) {
    internal fun native(field: String) = make(field)

    /** Creates content. */
    public companion object {
        /** The file or folder at a path. */
        @JvmStatic
        public fun of(path: Path): Content = Content { LocalContent.Path(path.local(it)) }

        /** A file of these bytes. */
        @JvmStatic
        public fun of(bytes: ByteArray): Content = Content { LocalContent.Bytes(bytes.crossing(it)) }

        /** A folder of these files, by their paths in it, separated by `/`. */
        @JvmStatic
        public fun of(files: Map<String, ByteArray>): Content = Content { LocalContent.Files(files.crossing(it)) }
    }
}

/** The path, as a text, of something on this machine's own disk. */
internal fun Path.local(field: String): String = when (fileSystem) {
    FileSystems.getDefault() -> toString().text(field)
    else -> throw invalidInput(
        field,
        "$field is within ${fileSystem.provider().scheme}, which isn't the disk; give its bytes or a stream",
    )
}
