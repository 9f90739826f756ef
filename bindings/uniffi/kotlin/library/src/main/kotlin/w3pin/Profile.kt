package w3pin

import kotlinx.serialization.KSerializer
import kotlinx.serialization.Serializable

/**
 * A UnixFS profile: how content is split into blocks, and how these are linked. It determines the CID.
 *
 * @property name The profile's name. Unknown names are rejected by the call that uses them.
 */
@Serializable(with = Profile.Serializer::class)
public data class Profile(val name: String) {
    /** Returns [name]. */
    override fun toString(): String = name

    /** The named profiles. */
    public companion object {
        /** IPIP-0499's unixfs-v0-2015: CIDv0, chunks of 256 KiB. */
        @JvmField
        public val UNIXFS_V0_2015: Profile = Profile("unixfs-v0-2015")

        /** IPIP-0499's unixfs-v1-2025: CIDv1, chunks of 1 MiB. */
        @JvmField
        public val UNIXFS_V1_2025: Profile = Profile("unixfs-v1-2025")

        /** What `ipfs add --cid-version=1` does: CIDv1, chunks of 256 KiB. */
        @JvmField
        public val KUBO_CIDV1_LEGACY: Profile = Profile("kubo-cidv1-legacy")
    }

    internal object Serializer : KSerializer<Profile> by textSerializer("w3pin.Profile", ::Profile, Profile::name)
}
