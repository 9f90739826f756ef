package w3pin

import java.time.Duration
import java.util.function.Consumer
import kotlin.time.toKotlinDuration

/** Makes [PinOptions] in Java. */
public class PinOptionsBuilder {
    private var options = PinOptions()

    /** The name that listings show; the service uses the file's own unless set. */
    public fun name(name: String): PinOptionsBuilder = set { copy(name = name) }

    /** Key-values to find the pin by; both are texts. */
    public fun keyvalues(keyvalues: Map<String, String>): PinOptionsBuilder = set { copy(keyvalues = keyvalues) }

    /** The UnixFS profile by which the service is expected to import files; the client's unless set. */
    public fun profile(profile: Profile): PinOptionsBuilder = set { copy(profile = profile) }

    /** How much proof is required that the service pinned what was sent. */
    public fun verify(verify: Verify): PinOptionsBuilder = set { copy(verify = verify) }

    /** Whether content that the account has pinned already is left as it is, and nothing is sent. */
    public fun skipIfPinned(skipIfPinned: Boolean): PinOptionsBuilder = set { copy(skipIfPinned = skipIfPinned) }

    /** Whether the pin gets a key-value, `w3pin.attempt`, by which it is recognised if the response is lost. */
    public fun markAttempt(markAttempt: Boolean): PinOptionsBuilder = set { copy(markAttempt = markAttempt) }

    /** Called with the progress, at most ten times a second and once at the end. */
    public fun progress(progress: Consumer<Progress>): PinOptionsBuilder = set { copy(progress = progress::accept) }

    /** The time that the whole call may take, with all its attempts; no limit unless set. */
    public fun timeout(timeout: Duration): PinOptionsBuilder = set { copy(timeout = timeout.toKotlinDuration()) }

    /** How often the call is tried; the client's policy unless set. */
    public fun retry(retry: RetryPolicy): PinOptionsBuilder = set { copy(retry = retry) }

    /** The options. */
    public fun build(): PinOptions = options

    private fun set(change: PinOptions.() -> PinOptions) = apply { options = options.change() }
}

/** Makes [PrepareOptions] in Java. */
public class PrepareOptionsBuilder {
    private var options = PrepareOptions()

    /** The name that listings show; the service uses the file's own unless set. */
    public fun name(name: String): PrepareOptionsBuilder = set { copy(name = name) }

    /** Key-values to find the pin by; both are texts. */
    public fun keyvalues(keyvalues: Map<String, String>): PrepareOptionsBuilder = set { copy(keyvalues = keyvalues) }

    /** The UnixFS profile by which the service is expected to import files; the client's unless set. */
    public fun profile(profile: Profile): PrepareOptionsBuilder = set { copy(profile = profile) }

    /** How much proof is required that the service pinned what was sent. */
    public fun verify(verify: Verify): PrepareOptionsBuilder = set { copy(verify = verify) }

    /** Whether the pin gets a key-value, `w3pin.attempt`, by which it is recognised if the response is lost. */
    public fun markAttempt(markAttempt: Boolean): PrepareOptionsBuilder = set { copy(markAttempt = markAttempt) }

    /** The options. */
    public fun build(): PrepareOptions = options

    private fun set(change: PrepareOptions.() -> PrepareOptions) = apply { options = options.change() }
}

/** Makes [PinByCidOptions] in Java. */
public class PinByCidOptionsBuilder {
    private var options = PinByCidOptions()

    /** The name that listings show. */
    public fun name(name: String): PinByCidOptionsBuilder = set { copy(name = name) }

    /** Key-values to find the pin by; both are texts. */
    public fun keyvalues(keyvalues: Map<String, String>): PinByCidOptionsBuilder = set { copy(keyvalues = keyvalues) }

    /** Whether a pin of this content that the account has already is given instead. */
    public fun skipIfPinned(skipIfPinned: Boolean): PinByCidOptionsBuilder = set { copy(skipIfPinned = skipIfPinned) }

    /** The time that the whole call may take, with all its attempts; the client's call timeout unless set. */
    public fun timeout(timeout: Duration): PinByCidOptionsBuilder = set { copy(timeout = timeout.toKotlinDuration()) }

    /** How often the call is tried; the client's policy unless set. */
    public fun retry(retry: RetryPolicy): PinByCidOptionsBuilder = set { copy(retry = retry) }

    /** The options. */
    public fun build(): PinByCidOptions = options

    private fun set(change: PinByCidOptions.() -> PinByCidOptions) = apply { options = options.change() }
}

/** Makes [WalkOptions] in Java. */
public class WalkOptionsBuilder {
    private var options = WalkOptions()

    /** Whether hidden files and folders, whose names start with a dot, count. */
    public fun hidden(hidden: Boolean): WalkOptionsBuilder = set { copy(hidden = hidden) }

    /** What happens to symbolic links in a folder. */
    public fun symlinks(symlinks: Symlinks): WalkOptionsBuilder = set { copy(symlinks = symlinks) }

    /** Patterns of the only files that count, in the syntax of .gitignore; all do where there is none. */
    public fun include(include: List<String>): WalkOptionsBuilder = set { copy(include = include) }

    /** Patterns of files and folders that don't count, in the syntax of .gitignore. */
    public fun exclude(exclude: List<String>): WalkOptionsBuilder = set { copy(exclude = exclude) }

    /** Whether what the folder's .gitignore files name is left out. */
    public fun gitignore(gitignore: Boolean): WalkOptionsBuilder = set { copy(gitignore = gitignore) }

    /** The options. */
    public fun build(): WalkOptions = options

    private fun set(change: WalkOptions.() -> WalkOptions) = apply { options = options.change() }
}

/** Makes [ListOptions] in Java. */
public class ListOptionsBuilder {
    private var options = ListOptions()

    /** How many pins to pass over. */
    public fun offset(offset: Long): ListOptionsBuilder = set { copy(offset = offset) }

    /** The most pins that a page holds, at least 1: 10 unless set, or 100 where all pages are read. */
    public fun limit(limit: Int): ListOptionsBuilder = set { copy(limit = limit) }

    /** Which pins to list. */
    public fun pinned(pinned: Pinned): ListOptionsBuilder = set { copy(pinned = pinned) }

    /** What to sort by. */
    public fun sortBy(sortBy: SortBy): ListOptionsBuilder = set { copy(sortBy = sortBy) }

    /** Which way to sort. */
    public fun sortOrder(sortOrder: SortOrder): ListOptionsBuilder = set { copy(sortOrder = sortOrder) }

    /** Only pins that have all of these key-values. */
    public fun keyvalues(keyvalues: Map<String, String>): ListOptionsBuilder = set { copy(keyvalues = keyvalues) }

    /** The options. */
    public fun build(): ListOptions = options

    private fun set(change: ListOptions.() -> ListOptions) = apply { options = options.change() }
}

/** Makes a [RetryPolicy] in Java. */
public class RetryPolicyBuilder {
    private var options = RetryPolicy()

    /** How many times a request is sent at most, at least 1; 5 unless set. */
    public fun attempts(attempts: Int): RetryPolicyBuilder = set { copy(attempts = attempts) }

    /** The longest wait before the second attempt, which doubles with each further one; half a second unless set. */
    public fun baseDelay(baseDelay: Duration): RetryPolicyBuilder =
        set { copy(baseDelay = baseDelay.toKotlinDuration()) }

    /** The longest wait before any attempt; 30 seconds unless set. */
    public fun maxDelay(maxDelay: Duration): RetryPolicyBuilder = set { copy(maxDelay = maxDelay.toKotlinDuration()) }

    /** The time since the start of the call after which no attempt starts; 2 minutes unless set. */
    public fun budget(budget: Duration): RetryPolicyBuilder = set { copy(budget = budget.toKotlinDuration()) }

    /** The policy. */
    public fun build(): RetryPolicy = options

    private fun set(change: RetryPolicy.() -> RetryPolicy) = apply { options = options.change() }
}
