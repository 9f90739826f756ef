import { RequestTimeoutError } from "./errors.js";
import { native, type CancelToken, type NativeProgress } from "./native.js";
import { invalidInput, translate } from "./translate.js";
import type { Progress } from "./types.js";

/** @internal Where a call was made, for the stack of its errors. */
export function here(above: Function): { stack?: string } {
  const caller: { stack?: string } = {};
  Error.captureStackTrace(caller, above);
  return caller;
}

/** @internal What can stop a call, beside its own end. */
export interface Stops {
  signal?: AbortSignal | undefined;
  timeoutMs?: number | undefined;
  onProgress?: ((progress: Progress) => void) | undefined;
  /** Calls that the client's end stops. */
  open: Open;
  caller: { stack?: string };
}

/** @internal The calls of a client that are under way. */
export class Open {
  readonly #stops = new Set<(reason: unknown) => void>();
  #reason: unknown;

  add(stop: (reason: unknown) => void): void {
    this.#stops.add(stop);
  }

  delete(stop: (reason: unknown) => void): void {
    this.#stops.delete(stop);
  }

  throwIfClosed(): void {
    if (this.#reason !== undefined) {
      throw this.#reason;
    }
  }

  close(reason: unknown): void {
    this.#reason ??= reason;
    for (const stop of this.#stops) {
      stop(this.#reason);
    }
  }
}

/**
 * @internal Begins a native call, whose answer is JSON.
 *
 * `stop` ends the call with a reason of one's own.
 */
export type Begin = (
  token: CancelToken,
  onProgress: ((progress: NativeProgress) => void) | undefined,
  stop: (reason: unknown) => void,
) => Promise<string>;

/**
 * @internal Runs a native call until it ends, the signal is aborted, the time is over, or the listener throws. Whatever
 * stops it drops the native call, which closes its connection.
 */
export async function call<Raw, T>(stops: Stops, begin: Begin, convert: (raw: Raw) => T): Promise<T> {
  const { signal, timeoutMs, onProgress, open, caller } = stops;
  open.throwIfClosed();
  signal?.throwIfAborted();
  if (timeoutMs !== undefined && !(timeoutMs >= 0)) {
    throw translate(invalidInput("timeout", "a time is a number of milliseconds, zero or more"), caller);
  }
  const token = new native.CancelToken();
  let stop!: (reason: unknown) => void;
  const stopped = new Promise<never>((_, reject) => {
    stop = (reason) => {
      token.cancel();
      reject(reason);
    };
  });
  // Nobody may be waiting for it when it rejects.
  stopped.catch(() => {});
  const listener =
    onProgress &&
    ((progress: NativeProgress) => {
      try {
        onProgress({
          bytesSent: progress.bytesSent,
          bytesTotal: progress.bytesTotal ?? null,
          file: progress.file ?? null,
        });
      } catch (thrown) {
        stop(thrown);
      }
    });
  // Only what the native call throws is translated: a reason to stop is the caller's own.
  const begun = async () => {
    try {
      return await begin(token, listener, stop);
    } catch (thrown) {
      throw translate(thrown, caller);
    }
  };
  const abort = () => stop(signal?.reason);
  let timer: NodeJS.Timeout | undefined;
  open.add(stop);
  signal?.addEventListener("abort", abort, { once: true });
  if (timeoutMs !== undefined) {
    // A longer time than timers know, which is 24 days, would be none to them.
    timer = setTimeout(() => stop(translate(timedOut(timeoutMs), caller)), Math.min(timeoutMs, 0x7fff_ffff));
  }
  try {
    const answer = await Promise.race([begun(), stopped]);
    if (onProgress) {
      // What was told last is on its way still.
      await Promise.race([new Promise((resolve) => setImmediate(resolve)), stopped]);
    }
    return convert(JSON.parse(answer) as Raw);
  } finally {
    clearTimeout(timer);
    open.delete(stop);
    signal?.removeEventListener("abort", abort);
  }
}

function timedOut(timeoutMs: number): RequestTimeoutError {
  const reason = `the call wasn't done within ${timeoutMs / 1000} s`;
  return new RequestTimeoutError(reason, {
    code: "timeout",
    reason,
    field: null,
    path: null,
    status: null,
    serviceMessage: null,
    bodyExcerpt: null,
    retryAfterMs: null,
    expectedCid: null,
    returnedCid: null,
    isRetryable: true,
  });
}
