@file:JvmName("Functions")

package w3pin

import java.nio.file.Path
import w3pin.ffi.CidSettings
import w3pin.ffi.PreviewSettings
import w3pin.ffi.VerifySettings

/**
 * Computes the CID of a file or folder, offline.
 *
 * ```kotlin
 * println(computeCid(Content.of(Path("site")), Profile.UNIXFS_V1_2025).cid)
 * ```
 *
 * @param content A file or folder, on disk or in memory.
 * @param profile The UnixFS profile to compute the CID under.
 * @param emptyFolders Whether to include empty folders; an upload can't carry them, so its CID is the one without them.
 * @param walk which entries of a folder count
 * @throws PinningException.LocalIo if something can't be read
 */
@JvmSynthetic
public suspend fun computeCid(
    content: Content,
    profile: Profile = Profile.KUBO_CIDV1_LEGACY,
    emptyFolders: Boolean = true,
    walk: WalkOptions = WalkOptions(),
): Root = calling {
    val settings = CidSettings(profile.name.text("profile"), emptyFolders, walk.toSettings())
    w3pin.ffi.computeCid(content.native("content"), settings, null).toRoot()
}

/**
 * Packs a file or folder into a CAR file, offline.
 *
 * It is a CARv1 with one root and every block once, depth first, as written by `ipfs dag export` for the same content.
 * The file gets its name when it is complete, and memory use is constant at any size.
 *
 * @param content A file or folder, on disk or in memory.
 * @param destination The path of the CAR file, which must not exist.
 * @param profile The UnixFS profile to compute the CID under.
 * @param emptyFolders Whether to include empty folders; an upload can't carry them, so its CID is the one without them.
 * @param walk which entries of a folder count
 * @throws PinningException.LocalIo if the content can't be read or changes meanwhile, or the CAR can't be written
 */
@JvmSynthetic
public suspend fun packCar(
    content: Content,
    destination: Path,
    profile: Profile = Profile.KUBO_CIDV1_LEGACY,
    emptyFolders: Boolean = true,
    walk: WalkOptions = WalkOptions(),
): PackedCar = calling {
    val settings = CidSettings(profile.name.text("profile"), emptyFolders, walk.toSettings())
    w3pin.ffi.packCar(content.native("content"), destination.local("destination"), settings, null).toPackedCar()
}

/**
 * Lists what an upload would send and computes its CID, offline.
 *
 * It rejects what the upload would reject.
 *
 * @param content A file or folder, on disk or in memory.
 * @param name The name of the pin, and of a folder in memory.
 * @param profile The UnixFS profile to compute the CID under.
 * @param walk which entries of a folder count
 */
@JvmSynthetic
public suspend fun previewUpload(
    content: Content,
    name: String? = null,
    profile: Profile = Profile.KUBO_CIDV1_LEGACY,
    walk: WalkOptions = WalkOptions(),
): UploadPreview = calling {
    val settings = PreviewSettings(name?.text("name"), profile.name.text("profile"), walk.toSettings())
    w3pin.ffi.previewUpload(content.native("content"), settings, null).toPreview()
}

/**
 * Proves block by block that a CID names this content, whatever its layout; no account is required.
 *
 * Only the small blocks with links are fetched, and each is checked against its CID. A hostile gateway can make
 * the proof fail, but never make it succeed.
 *
 * @param content A file or folder, on disk or in memory.
 * @param cid The CID of the content's root.
 * @param gateway The gateway to fetch blocks from, which learns the CID and needn't be trusted: unless set, the
 *   endpoint if it is on this machine, or `https://trustless-gateway.link`. Gateways in the environment and the
 *   config file take precedence.
 * @param walk which entries of a folder count
 * @throws PinningException.CidMismatch if the content differs, with the path and offset of the first difference
 */
@JvmSynthetic
public suspend fun verify(
    content: Content,
    cid: String,
    gateway: String? = null,
    walk: WalkOptions = WalkOptions(),
): Proof = calling {
    val settings = VerifySettings(gateway?.text("gateway"), walk.toSettings())
    w3pin.ffi.verify(content.native("content"), cid.text("cid"), settings, null).toProof()
}
