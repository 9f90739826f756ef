import { log } from "./log.js";
import { native, type CancelToken, type CallHandle } from "./native.js";
import { PendingCalls } from "./pending-calls.js";
import { read, type Listener, type Takes } from "./takes.js";
import { translate } from "./translate.js";

/** @internal The stack of whoever called a public function, for the stack of its errors. */
export interface Caller {
  stack?: string;
}

/** @internal */
export function here(above: Function): Caller {
  const caller: Caller = {};
  Error.captureStackTrace(caller, above);
  return caller;
}

/** @internal The calls that are under way, which are its parent's too. */
export class Open {
  readonly pending = new PendingCalls();
  readonly #stops = new Set<(reason: unknown) => void>();
  readonly #parent: Open | undefined;
  #reason: unknown;

  constructor(parent?: Open) {
    this.#parent = parent;
  }

  add(stop: (reason: unknown) => void): void {
    this.throwIfClosed();
    this.#stops.add(stop);
    this.#parent?.add(stop);
  }

  delete(stop: (reason: unknown) => void): void {
    this.#stops.delete(stop);
    this.#parent?.delete(stop);
  }

  throwIfClosed(): void {
    this.#parent?.throwIfClosed();
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

/** @internal A call of a public function. */
export interface Call {
  operation: Function;
  takes: Takes;
  options: unknown;
  open: Open;
}

/** @internal A call under way. */
export interface Running {
  /** Starts a native call and returns its result as JSON. */
  invoke(begin: (...handle: CallHandle) => void): Promise<string>;
  /** Stops a native call that returns a promise of its own. */
  readonly token: CancelToken;
  options: Record<string, unknown>;
  /** The same as JSON. */
  readonly json: string;
  tell: ((progress: unknown) => void) | undefined;
  /** Ends the call with a reason of one's own. */
  stop(reason: unknown): void;
}

/** @internal Runs a native call whose answer is JSON. */
export function call<Raw, T>(
  of: Call,
  begin: (running: Running) => Promise<string>,
  convert: (raw: Raw, caller: Caller) => T,
  caller: Caller = here(of.operation),
): Promise<T> {
  return run(of, begin, (answer) => convert(JSON.parse(answer) as Raw, caller), caller);
}

/**
 * @internal Runs a native call until it ends, the signal is aborted, the client is closed or the listener throws. Whatever
 * stops it drops the native call, which closes its connection.
 */
export async function run<Answer, T>(
  of: Call,
  begin: (running: Running) => Promise<Answer>,
  convert: (answer: Answer) => T,
  caller: Caller = here(of.operation),
): Promise<T> {
  const started = attempt(() => start(of), caller);
  const { running, stopped, end } = started;
  // Only what the native call throws is translated: a reason to stop is the caller's own.
  const begun = async () => {
    try {
      return await begin(running);
    } catch (thrown) {
      throw translate(thrown, caller);
    }
  };
  try {
    const answer = await Promise.race([begun(), stopped]);
    if (running.tell) {
      // What was told last is on its way still.
      await Promise.race([new Promise((resolve) => setImmediate(resolve)), stopped]);
    }
    return convert(answer);
  } finally {
    end();
  }
}

/** @internal What is ready when a call begins: its options are read, and whatever may stop it is listened to. */
export function start({ operation, takes, options, open }: Call) {
  const { signal, onProgress, json } = read(operation.name, options, takes);
  signal?.throwIfAborted();
  log();
  let token: CancelToken | undefined;
  let cancel: ((reason: unknown) => void) | undefined;
  let isStopped = false;
  let reject!: (reason: unknown) => void;
  const stopped = new Promise<never>((_, rejected) => (reject = rejected));
  // Nobody may be waiting for it when it rejects.
  stopped.catch(() => {});
  const stop = (reason: unknown) => {
    isStopped = true;
    reject(reason);
    token?.cancel();
    cancel?.(reason);
  };
  const invoke: Running["invoke"] = (begin) => {
    if (isStopped) {
      return stopped;
    }
    const started = open.pending.start(begin);
    cancel = started.cancel;
    return started.result;
  };
  const abort = () => stop(signal?.reason);
  open.add(stop);
  signal?.addEventListener("abort", abort, { once: true });
  const end = () => {
    open.delete(stop);
    signal?.removeEventListener("abort", abort);
  };
  const tell = onProgress && teller(onProgress, stop);
  const running: Running = {
    invoke,
    get token() {
      return (token ??= new native.CancelToken());
    },
    options: json,
    get json() {
      return JSON.stringify(json);
    },
    tell,
    stop,
  };
  return { running, stopped, end };
}

function teller(onProgress: Listener, stop: (reason: unknown) => void): (progress: unknown) => void {
  return (progress) => {
    try {
      const told = onProgress(progress) as PromiseLike<unknown> | undefined;
      if (typeof told?.then === "function") {
        told.then(undefined, stop);
      }
    } catch (thrown) {
      stop(thrown);
    }
  };
}

/** @internal Runs what may throw, with the stack of whoever called. */
export function attempt<T>(run: () => T, caller: Caller): T {
  try {
    return run();
  } catch (thrown) {
    throw translate(thrown, caller);
  }
}
