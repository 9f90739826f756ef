import { attempt, here, start, type Call, type Caller, type Running } from "./call.js";
import type { NativeBatch } from "./native.js";
import { errorOf, translate } from "./translate.js";
import type { Completed, Outcome } from "./types.js";

/** @internal One of many, as the native module writes it. */
export type RawOutcome<Raw> = { ok: Raw; error?: undefined } | { ok?: undefined; error: Parameters<typeof errorOf>[0] };

type RawCompleted<Raw> = RawOutcome<Raw> & { index: number };

/** @internal */
export function outcome<Raw, T>(raw: RawOutcome<Raw>, convert: (raw: Raw) => T, caller: Caller): Outcome<T> {
  return raw.error ? { error: errorOf(raw.error, caller) } : { ok: convert(raw.ok as Raw) };
}

/** @internal What makes the results of a batch of one. */
export function outcomes<Raw, T>(convert: (raw: Raw) => T) {
  return (raw: RawOutcome<Raw>[], caller: Caller): Outcome<T>[] => raw.map((it) => outcome(it, convert, caller));
}

/**
 * @internal The calls of a batch, each given as soon as it has ended. The batch begins with the first that is asked for,
 * and ends when the loop is left. Results that are there when it is stopped are given before the reason is thrown.
 */
export function completed<Raw, T>(
  of: Call,
  begin: (running: Running) => NativeBatch,
  convert: (raw: Raw) => T,
): AsyncIterable<Completed<T>> {
  const caller = here(of.operation);
  async function* results(): AsyncGenerator<Completed<T>, void, undefined> {
    const { running, stopped, end } = attempt(() => start(of), caller);
    let batch: NativeBatch | undefined;
    try {
      const begun = (batch = attempt(() => begin(running), caller));
      stopped.catch(() => begun.stop());
      for (;;) {
        const next = await begun.next().catch((thrown) => {
          throw translate(thrown, caller);
        });
        if (next === null) {
          break;
        }
        const raw = JSON.parse(next) as RawCompleted<Raw>;
        yield { index: raw.index, ...outcome(raw, convert, caller) };
      }
      // It rejects where that was the reason to end.
      await Promise.race([stopped, new Promise((resolve) => setImmediate(resolve))]);
    } finally {
      batch?.stop();
      end();
    }
  }
  return { [Symbol.asyncIterator]: results };
}
