@file:JvmName("W3pin")

package w3pin

import java.nio.file.Path
import w3pin.ffi.LocalSettings

/**
 * The CID of a file or folder, offline. A folder counts empty folders and symbolic links, unless told
 * otherwise.
 *
 * ```kotlin
 * println(computeCid(Path("site"), profile = "unixfs-v1-2025").cid)
 * ```
 *
 * @param profile the layout; `kubo-cidv1-legacy` unless set
 * @param hidden counts a folder's hidden files too
 * @param symlinks what becomes of symbolic links; [Symlinks.PRESERVE] unless set
 * @throws PinningException.LocalIo where it can't be read
 */
public suspend fun computeCid(
    path: Path,
    profile: String? = null,
    hidden: Boolean = false,
    symlinks: Symlinks? = null,
): Root = calling {
    w3pin.ffi.computeCid(path.toString(), LocalSettings(profile, hidden, symlinks?.word, null), null).toRoot()
}
