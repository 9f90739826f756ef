package w3pin

import w3pin.ffi.WalkSettings

/**
 * Which entries of a folder count. From Java, [WalkOptionsBuilder] makes one.
 *
 * ```kotlin
 * client.pinFolder(Path("site"), walk = WalkOptions(exclude = listOf("*.map"), gitignore = true))
 * ```
 *
 * @property hidden Whether hidden files and folders, whose names start with a dot, count.
 * @property symlinks What happens to symbolic links in a folder. Unless set, [Symlinks.REFUSE] for uploads, and
 *   [Symlinks.PRESERVE] where nothing is sent: by [computeCid] and [verify].
 * @property include Patterns of the only files that count, in the syntax of .gitignore; all do where there is none.
 * @property exclude Patterns of files and folders that don't count, in the syntax of .gitignore.
 * @property gitignore Whether what the folder's .gitignore files name is left out.
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
