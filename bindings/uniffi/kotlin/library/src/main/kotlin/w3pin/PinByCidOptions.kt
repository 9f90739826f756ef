package w3pin

import kotlin.time.Duration
import w3pin.ffi.PinByCidSettings

/**
 * The options of pinning content that is already on IPFS. In Java, use [PinByCidOptionsBuilder].
 *
 * @property name The name shown in listings.
 * @property keyvalues Key-values to find the pin by; keys and values are strings.
 * @property skipIfPinned Whether to return the existing pin if the account has already pinned the content.
 * @property timeout The time limit of the whole call, retries included; the client's call timeout unless set.
 * @property retry The retry policy of this call; the client's unless set.
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
