package w3pin

import kotlinx.serialization.KSerializer
import kotlinx.serialization.Serializable

/**
 * The status of a pin. Unknown words are kept.
 *
 * @property word The service's own word.
 */
@Serializable(with = PinStatus.Serializer::class)
public data class PinStatus(val word: String) {
    /** Returns [word]. */
    override fun toString(): String = word

    /** The known statuses. */
    public companion object {
        /** Uploaded, and waiting to be pinned. */
        @JvmField
        public val PENDING: PinStatus = PinStatus("PENDING")

        /** Being fetched from the network by its CID. */
        @JvmField
        public val RETRIEVAL: PinStatus = PinStatus("RETRIEVAL")

        /** Pinned. */
        @JvmField
        public val DONE: PinStatus = PinStatus("DONE")
    }

    internal object Serializer : KSerializer<PinStatus> by textSerializer("w3pin.PinStatus", ::PinStatus, PinStatus::word)
}
