package w3pin

import java.nio.file.Path
import w3pin.ffi.Item
import w3pin.ffi.Problem

/**
 * A file or folder to pin as one of many.
 *
 * @property path The file's or folder's path.
 * @property name The name shown in listings, in place of the one for all.
 * @property keyvalues Key-values to find the pin by, beside those for all.
 */
public data class FileItem @JvmOverloads constructor(
    val path: Path,
    val name: String? = null,
    val keyvalues: Map<String, String> = emptyMap(),
) {
    /** Creates items. */
    public companion object {
        /** An item for each of these paths. */
        @JvmStatic
        public fun of(vararg paths: Path): List<FileItem> = paths.map { FileItem(it) }
    }
}

/**
 * A CID to pin as one of many.
 *
 * @property cid The CID of the content's root.
 * @property name The name shown in listings, in place of the one for all.
 * @property keyvalues Key-values to find the pin by, beside those for all.
 */
public data class CidItem @JvmOverloads constructor(
    val cid: String,
    val name: String? = null,
    val keyvalues: Map<String, String> = emptyMap(),
) {
    /** Creates items. */
    public companion object {
        /** An item for each of these CIDs. */
        @JvmStatic
        public fun of(vararg cids: String): List<CidItem> = cids.map { CidItem(it) }
    }
}

internal fun FileItem.native() = item(name, keyvalues) { path.local("path") }

internal fun CidItem.native() = item(name, keyvalues) { cid.text("cid") }

internal fun idItem(id: String) = item(null, emptyMap()) { id.text("id") }

/** What can't be used is the error of its item, and of no other. */
private fun item(name: String?, keyvalues: Map<String, String>, subject: () -> String): Item = try {
    Item(subject(), null, name?.text("name"), keyvalues.texts("keyvalues"))
} catch (unusable: PinningException.InvalidInput) {
    Item("", Problem(unusable.field.orEmpty(), unusable.reason), null, emptyMap())
}
