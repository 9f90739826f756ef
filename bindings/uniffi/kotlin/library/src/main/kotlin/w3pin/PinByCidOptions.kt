package w3pin

import kotlin.time.Duration
import w3pin.ffi.PinByCidSettings

/**
 * How content that is on IPFS already is pinned. From Java, [PinByCidOptionsBuilder] makes one.
 *
 * @property name The name that listings show.
 * @property keyvalues Key-values to find the pin by; both are texts.
 * @property skipIfPinned Whether a pin of this content that the account has already is given instead.
 * @property timeout The time that the whole call may take, with all its attempts; the client's call timeout unless set.
 * @property retry How often the call is tried; the client's policy unless set.
 */
public data class PinByCidOptions(
    val name: String? = null,
    val keyvalues: Map<String, String> = emptyMap(),
    val skipIfPinned: Boolean = false,
    val timeout: Duration? = null,
    val retry: RetryPolicy? = null,
)

internal fun PinByCidOptions.toSettings() = PinByCidSettings(
    name?.text("name"),
    keyvalues.texts("keyvalues"),
    skipIfPinned,
    timeout?.inWholeNanoseconds,
    retry?.toSettings(),
)
