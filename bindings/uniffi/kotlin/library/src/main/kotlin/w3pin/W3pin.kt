package w3pin

import java.nio.file.Path
import java.time.Duration
import java.util.concurrent.CompletableFuture
import kotlin.time.toJavaDuration

/**
 * Functions that need no client, for Java. Kotlin has the functions [computeCid], [packCar], [previewUpload] and
 * [verify].
 */
public object W3pin {
    /**
     * Computes the CID of a file or folder, offline.
     *
     * @param content A file or folder, on disk or in memory.
     * @param profile The UnixFS profile to compute the CID under.
     * @param emptyFolders Whether to include empty folders; an upload can't carry them, so its CID is the one without
     *   them.
     * @param walk which entries of a folder count
     */
    @JvmStatic
    @JvmOverloads
    public fun computeCid(
        content: Content,
        profile: Profile = Profile.KUBO_CIDV1_LEGACY,
        emptyFolders: Boolean = true,
        walk: WalkOptions = WalkOptions(),
    ): CompletableFuture<Root> = future { w3pin.computeCid(content, profile, emptyFolders, walk) }

    /**
     * Packs a file or folder into a CAR file, offline.
     *
     * @param content A file or folder, on disk or in memory.
     * @param destination The path of the CAR file, which must not exist.
     * @param profile The UnixFS profile to compute the CID under.
     * @param emptyFolders Whether to include empty folders; an upload can't carry them, so its CID is the one without
     *   them.
     * @param walk which entries of a folder count
     */
    @JvmStatic
    @JvmOverloads
    public fun packCar(
        content: Content,
        destination: Path,
        profile: Profile = Profile.KUBO_CIDV1_LEGACY,
        emptyFolders: Boolean = true,
        walk: WalkOptions = WalkOptions(),
    ): CompletableFuture<PackedCar> = future { w3pin.packCar(content, destination, profile, emptyFolders, walk) }

    /**
     * Lists what an upload would send and computes its CID, offline.
     *
     * @param content A file or folder, on disk or in memory.
     * @param name The name of the pin, and of a folder in memory.
     * @param profile The UnixFS profile to compute the CID under.
     * @param walk which entries of a folder count
     */
    @JvmStatic
    @JvmOverloads
    public fun previewUpload(
        content: Content,
        name: String? = null,
        profile: Profile = Profile.KUBO_CIDV1_LEGACY,
        walk: WalkOptions = WalkOptions(),
    ): CompletableFuture<UploadPreview> = future { w3pin.previewUpload(content, name, profile, walk) }

    /**
     * Proves block by block that a CID names this content, whatever its layout; no account is required.
     *
     * @param content A file or folder, on disk or in memory.
     * @param cid The CID of the content's root.
     * @param gateway The gateway to fetch blocks from, which learns the CID and needn't be trusted: unless set, the
     *   endpoint if it is on this machine, or `https://trustless-gateway.link`.
     * @param walk which entries of a folder count
     */
    @JvmStatic
    @JvmOverloads
    public fun verify(
        content: Content,
        cid: String,
        gateway: String? = null,
        walk: WalkOptions = WalkOptions(),
    ): CompletableFuture<Proof> = future { w3pin.verify(content, cid, gateway, walk) }

    /** How long to wait, as requested by the service. */
    @JvmStatic
    public fun retryAfter(exception: PinningException): Duration? = exception.retryAfter?.toJavaDuration()
}
