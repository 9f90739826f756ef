package w3pin

import w3pin.ffi.RateLimitSetting

/** How many requests a client sends in a minute. A sixth of them may go out at once. */
public class RateLimit private constructor(internal val setting: RateLimitSetting) {
    public companion object {
        /** As many as there are. */
        @JvmField
        public val UNLIMITED: RateLimit = RateLimit(RateLimitSetting.Unlimited)

        /** At most [requests] in any minute, at least 1. */
        @JvmStatic
        public fun perMinute(requests: Int): RateLimit = RateLimit(RateLimitSetting.PerMinute(requests.toLong()))
    }
}
