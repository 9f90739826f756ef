package w3pin

import java.nio.file.Path
import w3pin.ffi.Item
import w3pin.ffi.Problem

/**
 * A file or folder of a batch.
 *
 * @property path The file's or folder's path.
 * @property name The name shown in listings, overriding that of the batch.
 * @property keyvalues Key-values to find the pin by, in addition to those of the batch.
 */
public data class FileItem @JvmOverloads constructor(
    val path: Path,
    val name: String? = null,
    val keyvalues: Map<String, String> = emptyMap(),
) {
    /** Creates items. */
    public companion object {
        /** Returns an item for each of these paths. */
        @JvmStatic
        public fun of(vararg paths: Path): List<FileItem> = paths.map { FileItem(it) }
    }
}

/**
 * A CID of a batch.
 *
 * @property cid The CID of the content's root.
 * @property name The name shown in listings, overriding that of the batch.
 * @property keyvalues Key-values to find the pin by, in addition to those of the batch.
 */
public data class CidItem @JvmOverloads constructor(
    val cid: String,
    val name: String? = null,
    val keyvalues: Map<String, String> = emptyMap(),
) {
    /** Creates items. */
    public companion object {
        /** Returns an item for each of these CIDs. */
        @JvmStatic
        public fun of(vararg cids: String): List<CidItem> = cids.map { CidItem(it) }
    }
}

internal fun FileItem.native() = item(name, keyvalues) { path.local("path") }

internal fun CidItem.native() = item(name, keyvalues) { cid.text("cid") }

internal fun idItem(id: String) = item(null, emptyMap()) { id.text("id") }

/** An invalid value is the error of its item only. */
private fun item(name: String?, keyvalues: Map<String, String>, subject: () -> String): Item = try {
    Item(subject(), null, name?.text("name"), keyvalues.texts("keyvalues"))
} catch (unusable: PinningException.InvalidInput) {
    Item("", Problem(unusable.field.orEmpty(), unusable.reason), null, emptyMap())
}
