package w3pin

import java.time.Duration
import java.util.function.Consumer
import kotlin.time.toKotlinDuration

/** Builds [PinOptions] in Java. */
public class PinOptionsBuilder {
    private var options = PinOptions()

    /** The name shown in listings; the service uses the file's own unless set. */
    public fun name(name: String): PinOptionsBuilder = set { copy(name = name) }

    /** Key-values to find the pin by; keys and values are strings. */
    public fun keyvalues(keyvalues: Map<String, String>): PinOptionsBuilder = set { copy(keyvalues = keyvalues) }

    /** The UnixFS profile that the service is expected to use; the client's unless set. */
    public fun profile(profile: Profile): PinOptionsBuilder = set { copy(profile = profile) }

    /** How much proof to require that the service pinned what was sent. */
    public fun verify(verify: Verify): PinOptionsBuilder = set { copy(verify = verify) }

    /** Whether to send nothing and return the existing pin if the account has already pinned the content. */
    public fun skipIfPinned(skipIfPinned: Boolean): PinOptionsBuilder = set { copy(skipIfPinned = skipIfPinned) }

    /**
     * Whether to mark the pin with the key-value `w3pin.attempt`, by which it is found again if the response is lost.
     */
    public fun markAttempt(markAttempt: Boolean): PinOptionsBuilder = set { copy(markAttempt = markAttempt) }

    /** Called with the progress, at most ten times a second and once at the end. */
    public fun progress(progress: Consumer<Progress>): PinOptionsBuilder = set { copy(progress = progress::accept) }

    /** The time limit of the whole call, retries included; none unless set. */
    public fun timeout(timeout: Duration): PinOptionsBuilder = set { copy(timeout = timeout.toKotlinDuration()) }

    /** The retry policy of this call; the client's unless set. */
    public fun retry(retry: RetryPolicy): PinOptionsBuilder = set { copy(retry = retry) }

    /** The options. */
    public fun build(): PinOptions = options

    private fun set(change: PinOptions.() -> PinOptions) = apply { options = options.change() }
}

/** Builds [PrepareOptions] in Java. */
public class PrepareOptionsBuilder {
    private var options = PrepareOptions()

    /** The name shown in listings; the service uses the file's own unless set. */
    public fun name(name: String): PrepareOptionsBuilder = set { copy(name = name) }

    /** Key-values to find the pin by; keys and values are strings. */
    public fun keyvalues(keyvalues: Map<String, String>): PrepareOptionsBuilder = set { copy(keyvalues = keyvalues) }

    /** The UnixFS profile that the service is expected to use; the client's unless set. */
    public fun profile(profile: Profile): PrepareOptionsBuilder = set { copy(profile = profile) }

    /** How much proof to require that the service pinned what was sent. */
    public fun verify(verify: Verify): PrepareOptionsBuilder = set { copy(verify = verify) }

    /**
     * Whether to mark the pin with the key-value `w3pin.attempt`, by which it is found again if the response is lost.
     */
    public fun markAttempt(markAttempt: Boolean): PrepareOptionsBuilder = set { copy(markAttempt = markAttempt) }

    /** The options. */
    public fun build(): PrepareOptions = options

    private fun set(change: PrepareOptions.() -> PrepareOptions) = apply { options = options.change() }
}

/** Builds [PinByCidOptions] in Java. */
public class PinByCidOptionsBuilder {
    private var options = PinByCidOptions()

    /** The name shown in listings. */
    public fun name(name: String): PinByCidOptionsBuilder = set { copy(name = name) }

    /** Key-values to find the pin by; keys and values are strings. */
    public fun keyvalues(keyvalues: Map<String, String>): PinByCidOptionsBuilder = set { copy(keyvalues = keyvalues) }

    /** Whether to return the existing pin if the account has already pinned the content. */
    public fun skipIfPinned(skipIfPinned: Boolean): PinByCidOptionsBuilder = set { copy(skipIfPinned = skipIfPinned) }

    /** The time limit of the whole call, retries included; the client's call timeout unless set. */
    public fun timeout(timeout: Duration): PinByCidOptionsBuilder = set { copy(timeout = timeout.toKotlinDuration()) }

    /** The retry policy of this call; the client's unless set. */
    public fun retry(retry: RetryPolicy): PinByCidOptionsBuilder = set { copy(retry = retry) }

    /** The options. */
    public fun build(): PinByCidOptions = options

    private fun set(change: PinByCidOptions.() -> PinByCidOptions) = apply { options = options.change() }
}

/** Builds [WalkOptions] in Java. */
public class WalkOptionsBuilder {
    private var options = WalkOptions()

    /** Whether to include hidden files and folders, whose names start with a dot. */
    public fun hidden(hidden: Boolean): WalkOptionsBuilder = set { copy(hidden = hidden) }

    /** What to do with symbolic links in a folder. */
    public fun symlinks(symlinks: Symlinks): WalkOptionsBuilder = set { copy(symlinks = symlinks) }

    /** Patterns of the files to include, in .gitignore syntax; all files unless set. */
    public fun include(include: List<String>): WalkOptionsBuilder = set { copy(include = include) }

    /** Patterns of files and folders to leave out, in .gitignore syntax. */
    public fun exclude(exclude: List<String>): WalkOptionsBuilder = set { copy(exclude = exclude) }

    /** Whether to leave out what the folder's .gitignore files name. */
    public fun gitignore(gitignore: Boolean): WalkOptionsBuilder = set { copy(gitignore = gitignore) }

    /** The options. */
    public fun build(): WalkOptions = options

    private fun set(change: WalkOptions.() -> WalkOptions) = apply { options = options.change() }
}

/** Builds [ListOptions] in Java. */
public class ListOptionsBuilder {
    private var options = ListOptions()

    /** How many pins to skip. */
    public fun offset(offset: Long): ListOptionsBuilder = set { copy(offset = offset) }

    /** The maximum number of pins in a page, at least 1: 10 unless set, or 100 when all pages are read. */
    public fun limit(limit: Int): ListOptionsBuilder = set { copy(limit = limit) }

    /** Which pins to list. */
    public fun pinned(pinned: Pinned): ListOptionsBuilder = set { copy(pinned = pinned) }

    /** The field to sort by. */
    public fun sortBy(sortBy: SortBy): ListOptionsBuilder = set { copy(sortBy = sortBy) }

    /** The direction to sort in. */
    public fun sortOrder(sortOrder: SortOrder): ListOptionsBuilder = set { copy(sortOrder = sortOrder) }

    /** List only pins that have all of these key-values. */
    public fun keyvalues(keyvalues: Map<String, String>): ListOptionsBuilder = set { copy(keyvalues = keyvalues) }

    /** The options. */
    public fun build(): ListOptions = options

    private fun set(change: ListOptions.() -> ListOptions) = apply { options = options.change() }
}

/** Builds a [RetryPolicy] in Java. */
public class RetryPolicyBuilder {
    private var options = RetryPolicy()

    /** The maximum number of attempts, at least 1; 5 unless set. */
    public fun attempts(attempts: Int): RetryPolicyBuilder = set { copy(attempts = attempts) }

    /** The longest delay before the second attempt, which doubles with each further one; half a second unless set. */
    public fun baseDelay(baseDelay: Duration): RetryPolicyBuilder =
        set { copy(baseDelay = baseDelay.toKotlinDuration()) }

    /** The longest delay before any attempt; 30 seconds unless set. */
    public fun maxDelay(maxDelay: Duration): RetryPolicyBuilder = set { copy(maxDelay = maxDelay.toKotlinDuration()) }

    /** How long after the start of the call a new attempt may begin; 2 minutes unless set. */
    public fun budget(budget: Duration): RetryPolicyBuilder = set { copy(budget = budget.toKotlinDuration()) }

    /** The policy. */
    public fun build(): RetryPolicy = options

    private fun set(change: RetryPolicy.() -> RetryPolicy) = apply { options = options.change() }
}
