package w3pin

import w3pin.ffi.EntryRecord
import w3pin.ffi.FetchProgressRecord
import w3pin.ffi.FetchedRecord
import w3pin.ffi.KindOfNode
import w3pin.ffi.NodeRecord

/**
 * The target of a path.
 *
 * @property cid Its CID.
 * @property kind The kind of the node.
 * @property size The bytes of a file's content.
 * @property target Where a symbolic link points.
 */
public data class Node @JvmOverloads constructor(
    val cid: String,
    val kind: NodeKind,
    val size: Long? = null,
    val target: String? = null,
)

/**
 * An entry of a folder.
 *
 * @property name The name. It is chosen by the creator of the folder: it is never empty, `.` or `..` and contains no
 *   `/`, but may contain anything else.
 * @property cid Its CID.
 * @property kind The kind of the node.
 * @property size The bytes of a file's content.
 * @property target Where a symbolic link points.
 */
public data class FolderEntry @JvmOverloads constructor(
    val name: String,
    val cid: String,
    val kind: NodeKind,
    val size: Long? = null,
    val target: String? = null,
)

/** The kind of a path's target. */
public enum class NodeKind {
    /** A file of UnixFS, or a raw block. */
    FILE,

    /** A folder. */
    FOLDER,

    /** A symbolic link. */
    SYMLINK,

    /** A block of a format that isn't a file, such as DAG-CBOR. It is read as raw bytes. */
    BLOCK,

    /** An entry of a folder whose block, which determines its kind, isn't available from any gateway. */
    UNAVAILABLE,
}

/**
 * The progress of a fetch.
 *
 * @property bytes The bytes of content on disk.
 * @property bytesTotal The total bytes of content, when a single file is fetched.
 * @property files The number of complete files.
 */
public data class FetchProgress @JvmOverloads constructor(
    val bytes: Long,
    val bytesTotal: Long? = null,
    val files: Long = 0,
)

/**
 * The result of a fetch.
 *
 * @property cid The CID of the fetched content.
 * @property files The files.
 * @property bytes The bytes of content.
 * @property bytesFetched The bytes of content fetched from gateways.
 */
public data class Fetched(val cid: String, val files: Long, val bytes: Long, val bytesFetched: Long)

internal fun NodeRecord.toNode() = Node(cid, kind.toKind(), size?.clamped(), target)

internal fun EntryRecord.toEntry() = FolderEntry(name, node.cid, node.kind.toKind(), node.size?.clamped(), node.target)

internal fun FetchProgressRecord.toProgress() = FetchProgress(bytes.clamped(), bytesTotal?.clamped(), files.clamped())

internal fun FetchedRecord.toFetched() = Fetched(cid, files.clamped(), bytes.clamped(), bytesFetched.clamped())

private fun KindOfNode.toKind() = when (this) {
    KindOfNode.FILE -> NodeKind.FILE
    KindOfNode.FOLDER -> NodeKind.FOLDER
    KindOfNode.SYMLINK -> NodeKind.SYMLINK
    KindOfNode.BLOCK -> NodeKind.BLOCK
    KindOfNode.UNAVAILABLE -> NodeKind.UNAVAILABLE
}
