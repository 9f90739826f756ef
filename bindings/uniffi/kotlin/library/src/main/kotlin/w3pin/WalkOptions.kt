package w3pin

import w3pin.ffi.WalkSettings

/**
 * Which entries of a folder count. In Java, use [WalkOptionsBuilder].
 *
 * ```kotlin
 * client.pinFolder(Path("site"), walk = WalkOptions(exclude = listOf("*.map"), gitignore = true))
 * ```
 *
 * @property hidden Whether to include hidden files and folders, whose names start with a dot.
 * @property symlinks What to do with symbolic links in a folder. Unless set, [Symlinks.REFUSE] for uploads, and
 *   [Symlinks.PRESERVE] for [computeCid] and [verify].
 * @property include Patterns of the files to include, in .gitignore syntax; all files unless set.
 * @property exclude Patterns of files and folders to leave out, in .gitignore syntax.
 * @property gitignore Whether to leave out what the folder's .gitignore files name.
 */
public data class WalkOptions(
    val hidden: Boolean = false,
    val symlinks: Symlinks? = null,
    val include: List<String> = emptyList(),
    val exclude: List<String> = emptyList(),
    val gitignore: Boolean = false,
)

internal fun WalkOptions.toSettings() = WalkSettings(
    hidden,
    symlinks?.native(),
    include.texts("include"),
    exclude.texts("exclude"),
    gitignore,
)
