package w3pin

import w3pin.ffi.OutcomeOfSync
import w3pin.ffi.SyncedRecord

/**
 * What a sync has done or, in a dry run, would do.
 *
 * @property outcome Whether the content was uploaded.
 * @property cid The CID to publish: that of the pin, or of the local content in a dry run.
 * @property contenthash The contenthash (EIP-1577) of an ENS name for this CID.
 * @property dnslink The DNSLink record for this CID.
 * @property pin The pin of the content; absent if a dry run would create it.
 * @property removed The ids of the deploys that were removed.
 * @property kept The deploys that stay pinned, newest first.
 * @property postponed The ids of older deploys that are left for the next sync to remove.
 */
public data class Synced(
    val outcome: SyncOutcome,
    val cid: String,
    val contenthash: String,
    val dnslink: String,
    val pin: Pin?,
    val removed: List<String>,
    val kept: List<Pin>,
    val postponed: List<String>,
)

/** The outcome of a sync. */
public enum class SyncOutcome {
    /** The newest deploy has this content, and nothing was sent. */
    UNCHANGED,

    /** The content was sent and pinned. */
    PINNED,
}

internal fun SyncedRecord.toSynced() = Synced(
    when (outcome) {
        OutcomeOfSync.UNCHANGED -> SyncOutcome.UNCHANGED
        OutcomeOfSync.PINNED -> SyncOutcome.PINNED
    },
    cid,
    contenthash,
    dnslink,
    pin?.toPin(),
    removed,
    kept.map { it.toPin() },
    postponed,
)
