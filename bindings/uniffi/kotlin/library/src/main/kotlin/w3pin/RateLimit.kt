package w3pin

import w3pin.ffi.RateLimitSetting

/** How many requests a client sends per minute. A sixth of them may be sent in a burst. */
public class RateLimit private constructor(internal val setting: RateLimitSetting) {
    /** The kinds of rate limits. */
    public companion object {
        /** No limit. */
        @JvmField
        public val UNLIMITED: RateLimit = RateLimit(RateLimitSetting.Unlimited)

        /** At most [requests] in any minute, at least 1. */
        @JvmStatic
        public fun perMinute(requests: Int): RateLimit = RateLimit(RateLimitSetting.PerMinute(requests.toLong()))
    }
}
