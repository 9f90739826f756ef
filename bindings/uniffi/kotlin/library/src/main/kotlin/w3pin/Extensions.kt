@file:JvmName("Extensions")

package w3pin

import java.io.File
import java.nio.file.Path
import kotlinx.coroutines.flow.Flow

/**
 * Pins a file by uploading it.
 *
 * @param path The file's path; a symbolic link there is followed.
 * @param options how it is pinned
 * @param file how it is sent
 */
@JvmSynthetic
public suspend fun PinningClient.pinFile(
    path: File,
    options: PinOptions = PinOptions(),
    file: FileOptions = FileOptions(),
): Pin = pinFile(path.toPath(), options, file)

/**
 * Pins the content of a CAR file by uploading it.
 *
 * @param path The CAR file's path.
 * @param options how it is pinned
 */
@JvmSynthetic
public suspend fun PinningClient.pinCar(path: File, options: PinOptions = PinOptions()): Pin =
    pinCar(path.toPath(), options)

/**
 * Pins a folder by uploading all files in it.
 *
 * @param folder The folder's path, or a mapping of paths to bytes for a folder in memory.
 * @param options how it is pinned
 * @param walk which entries count
 */
@JvmSynthetic
public suspend fun PinningClient.pinFolder(
    folder: File,
    options: PinOptions = PinOptions(),
    walk: WalkOptions = WalkOptions(),
): Pin = pinFolder(folder.toPath(), options, walk)

/**
 * Pins the file or folder at a path by uploading it.
 *
 * @param path The path of a file or folder.
 * @param options how it is pinned
 * @param file how a single file is sent
 * @param walk which entries of a folder count
 */
@JvmSynthetic
public suspend fun PinningClient.pinPath(
    path: File,
    options: PinOptions = PinOptions(),
    file: FileOptions = FileOptions(),
    walk: WalkOptions = WalkOptions(),
): Pin = pinPath(path.toPath(), options, file, walk)

/**
 * Pins many files or folders, each as its own pin, and returns the results in the order of the items.
 *
 * @param items Paths, each optionally with its own name and key-values.
 * @param options how each is pinned
 * @param file how each single file is sent
 * @param walk which entries of folders count
 * @param concurrency How many calls to run at a time; at least 1.
 */
@JvmSynthetic
@JvmName("pinPaths")
public suspend fun PinningClient.pinFiles(
    items: List<Path>,
    options: PinOptions = PinOptions(),
    file: FileOptions = FileOptions(),
    walk: WalkOptions = WalkOptions(),
    concurrency: Int = 4,
): List<Outcome<Pin>> = pinFiles(items.map { FileItem(it) }, options, file, walk, concurrency)

/**
 * Pins many files or folders, each as its own pin, and yields each result as soon as it is available.
 *
 * The batch starts when the flow is collected; cancelling the collection stops the remaining calls.
 *
 * @param items Paths, each optionally with its own name and key-values.
 * @param options how each is pinned
 * @param file how each single file is sent
 * @param walk which entries of folders count
 * @param concurrency How many calls to run at a time; at least 1.
 */
@JvmSynthetic
@JvmName("pinPathsAsCompleted")
public fun PinningClient.pinFilesAsCompleted(
    items: List<Path>,
    options: PinOptions = PinOptions(),
    file: FileOptions = FileOptions(),
    walk: WalkOptions = WalkOptions(),
    concurrency: Int = 4,
): Flow<Completed<Pin>> = pinFilesAsCompleted(items.map { FileItem(it) }, options, file, walk, concurrency)

/**
 * Pins many CIDs and returns the results in the order of the items.
 *
 * @param items CIDs, each optionally with its own name and key-values.
 * @param options how each is pinned
 * @param concurrency How many calls to run at a time; at least 1.
 */
@JvmSynthetic
@JvmName("pinCidTexts")
public suspend fun PinningClient.pinCids(
    items: List<String>,
    options: PinByCidOptions = PinByCidOptions(),
    concurrency: Int = 4,
): List<Outcome<Pin>> = pinCids(items.map { CidItem(it) }, options, concurrency)

/**
 * Pins many CIDs and yields each result as soon as it is available.
 *
 * The batch starts when the flow is collected; cancelling the collection stops the remaining calls.
 *
 * @param items CIDs, each optionally with its own name and key-values.
 * @param options how each is pinned
 * @param concurrency How many calls to run at a time; at least 1.
 */
@JvmSynthetic
@JvmName("pinCidTextsAsCompleted")
public fun PinningClient.pinCidsAsCompleted(
    items: List<String>,
    options: PinByCidOptions = PinByCidOptions(),
    concurrency: Int = 4,
): Flow<Completed<Pin>> = pinCidsAsCompleted(items.map { CidItem(it) }, options, concurrency)

/**
 * Writes a file or folder to disk.
 *
 * @param path A CID, optionally followed by a path.
 * @param destination The path of the file or folder to write.
 * @param options how it is fetched
 */
@JvmSynthetic
public suspend fun ContentRetriever.fetch(
    path: String,
    destination: File,
    options: FetchOptions = FetchOptions(),
): Fetched = fetch(path, destination.toPath(), options)
