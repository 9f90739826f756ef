package w3pin

import java.time.Duration
import java.util.function.Consumer
import kotlin.time.toKotlinDuration

/** Makes [PinOptions] in Java. What isn't set is as there. */
public class PinOptionsBuilder {
    private var options = PinOptions()

    /** Sets the name that listings show. */
    public fun name(name: String): PinOptionsBuilder = set { copy(name = name) }

    /** Sets pairs to find the pin by. */
    public fun keyvalues(keyvalues: Map<String, String>): PinOptionsBuilder = set { copy(keyvalues = keyvalues) }

    /** Sets the layout that the service is expected to use. */
    public fun profile(profile: String): PinOptionsBuilder = set { copy(profile = profile) }

    /** Sets how much proof is needed that the service pinned what was sent. */
    public fun verify(verify: Verify): PinOptionsBuilder = set { copy(verify = verify) }

    /** Sets whether a pin of this content that the account has already is the answer. */
    public fun skipIfPinned(skip: Boolean): PinOptionsBuilder = set { copy(skipIfPinned = skip) }

    /** Sets who is told how far the upload is. */
    public fun progress(progress: Consumer<Progress>): PinOptionsBuilder = set { copy(progress = progress::accept) }

    /** Sets how long the whole call may take, with all its tries. */
    public fun timeout(timeout: Duration): PinOptionsBuilder = set { copy(timeout = timeout.toKotlinDuration()) }

    /** Sets how often the call is tried. */
    public fun retry(retry: RetryPolicy): PinOptionsBuilder = set { copy(retry = retry) }

    /** The options. */
    public fun build(): PinOptions = options

    private fun set(change: PinOptions.() -> PinOptions) = apply { options = options.change() }
}

/** Makes [PinByCidOptions] in Java. What isn't set is as there. */
public class PinByCidOptionsBuilder {
    private var options = PinByCidOptions()

    /** Sets the name that listings show. */
    public fun name(name: String): PinByCidOptionsBuilder = set { copy(name = name) }

    /** Sets pairs to find the pin by. */
    public fun keyvalues(keyvalues: Map<String, String>): PinByCidOptionsBuilder = set { copy(keyvalues = keyvalues) }

    /** Sets whether a pin of this content that the account has already is the answer. */
    public fun skipIfPinned(skip: Boolean): PinByCidOptionsBuilder = set { copy(skipIfPinned = skip) }

    /** Sets how long the whole call may take, with all its tries. */
    public fun timeout(timeout: Duration): PinByCidOptionsBuilder = set { copy(timeout = timeout.toKotlinDuration()) }

    /** Sets how often the call is tried. */
    public fun retry(retry: RetryPolicy): PinByCidOptionsBuilder = set { copy(retry = retry) }

    /** The options. */
    public fun build(): PinByCidOptions = options

    private fun set(change: PinByCidOptions.() -> PinByCidOptions) = apply { options = options.change() }
}

/** Makes a [RetryPolicy] in Java. What isn't set is as there. */
public class RetryPolicyBuilder {
    private var policy = RetryPolicy()

    /** Sets the number of tries in all, the first one included. */
    public fun attempts(attempts: Int): RetryPolicyBuilder = set { copy(attempts = attempts) }

    /** Sets the longest wait before the second try. */
    public fun baseDelay(delay: Duration): RetryPolicyBuilder = set { copy(baseDelay = delay.toKotlinDuration()) }

    /** Sets the longest wait before any try. */
    public fun maxDelay(delay: Duration): RetryPolicyBuilder = set { copy(maxDelay = delay.toKotlinDuration()) }

    /** Sets how long after the call began a try may begin. */
    public fun budget(budget: Duration): RetryPolicyBuilder = set { copy(budget = budget.toKotlinDuration()) }

    /** The policy. */
    public fun build(): RetryPolicy = policy

    private fun set(change: RetryPolicy.() -> RetryPolicy) = apply { policy = policy.change() }
}
