package w3pin

import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.FlowCollector
import w3pin.ffi.PinCursor

/**
 * The account's pins, requested page by page as they are collected. Each collection starts again. Pins that are added
 * or removed meanwhile don't cause duplicates.
 */
public class Pins internal constructor(private val open: () -> PinSource) : Flow<Pin> {
    /**
     * Entries that can't be read as pins, of the latest collection so far; the first 1,000.
     */
    @Volatile
    public var unreadable: List<UnreadablePin> = emptyList()
        private set

    /** Existing pins, for tests. */
    @JvmOverloads
    public constructor(pins: List<Pin>, unreadable: List<UnreadablePin> = emptyList()) :
        this({ PinSource(pins, unreadable) })

    /** Requests pages as they are needed and emits their pins. */
    override suspend fun collect(collector: FlowCollector<Pin>) {
        open().use { source ->
            do {
                val pin = source.next()
                unreadable = source.unreadable
                if (pin != null) collector.emit(pin)
            } while (pin != null)
        }
    }
}

/** Gives pins one after another, and reads the next page when the one before is used up. */
internal class PinSource private constructor(private val cursor: PinCursor?, private var page: Iterator<Pin>) : Source<Pin> {
    var unreadable = emptyList<UnreadablePin>()
        private set

    constructor(cursor: PinCursor) : this(cursor, emptyList<Pin>().iterator())

    constructor(pins: List<Pin>, unreadable: List<UnreadablePin>) : this(null, pins.iterator()) {
        this.unreadable = unreadable
    }

    override suspend fun next(): Pin? {
        if (!page.hasNext() && cursor != null) {
            val listed = calling { cursor.next(null) }
            unreadable += listed.unreadable.map { it.toUnreadable() }
            page = listed.pins.map { it.toPin() }.iterator()
        }
        return if (page.hasNext()) page.next() else null
    }

    override fun close() {
        cursor?.close()
    }
}
