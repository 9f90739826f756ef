package w3pin

import java.io.File

/** [Client.pinFile] of a [File]. */
public suspend fun Client.pinFile(file: File, options: PinOptions = PinOptions()): Pin =
    pinFile(file.toPath(), options)

/** [Client.pinFolder] of a [File]. */
public suspend fun Client.pinFolder(
    file: File,
    options: PinOptions = PinOptions(),
    hidden: Boolean = false,
    symlinks: Symlinks? = null,
): Pin = pinFolder(file.toPath(), options, hidden, symlinks)

/** [Client.pinPath] of a [File]. */
public suspend fun Client.pinPath(
    file: File,
    options: PinOptions = PinOptions(),
    hidden: Boolean = false,
    symlinks: Symlinks? = null,
): Pin = pinPath(file.toPath(), options, hidden, symlinks)
