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
 * @internal Runs a native call, whose answer is JSON, until it ends, the signal is aborted, the time is over, or the
 * listener throws. Whatever stops it drops the native call, which closes its connection.
 */
export async function call<Raw, T>(
  stops: Stops,
  begin: (token: CancelToken, onProgress: ((progress: NativeProgress) => void) | undefined) => Promise<string>,
  convert: (raw: Raw) => T,
): Promise<T> {
  const { signal, timeoutMs, onProgress, open, caller } = stops;
  open.throwIfClosed();
  signal?.throwIfAborted();
  if (timeoutMs !== undefined && !(timeoutMs >= 0)) {
    throw translate(invalidInput("timeout", "a time is a number of milliseconds, zero or more"), caller);
  }
  const token = new native.CancelToken();
  let timer: NodeJS.Timeout | undefined;
  let abort: (() => void) | undefined;
  let close: ((reason: unknown) => void) | undefined;
  let listener: ((progress: NativeProgress) => void) | undefined;
  const stopped = new Promise<never>((_, reject) => {
    const stop = (reason: unknown) => {
      token.cancel();
      reject(reason);
    };
    close = stop;
    open.add(stop);
    if (signal) {
      abort = () => stop(signal.reason);
      signal.addEventListener("abort", abort, { once: true });
    }
    if (timeoutMs !== undefined) {
      // A longer time than timers know, which is 24 days, would be none to them.
      timer = setTimeout(() => stop(timedOut(timeoutMs)), Math.min(timeoutMs, 0x7fff_ffff));
    }
    listener = onProgress && ((progress) => {
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
  });
  // Nobody may be waiting for it when it rejects.
  stopped.catch(() => {});
  try {
    const answer = await Promise.race([begin(token, listener), stopped]);
    if (onProgress) {
      // What was told last is on its way still.
      await Promise.race([new Promise((resolve) => setImmediate(resolve)), stopped]);
    }
    return convert(JSON.parse(answer) as Raw);
  } catch (thrown) {
    throw translate(thrown, caller);
  } finally {
    clearTimeout(timer);
    if (close) {
      open.delete(close);
    }
    if (abort) {
      signal?.removeEventListener("abort", abort);
    }
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
