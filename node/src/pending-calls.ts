import { setTimeout } from "node:timers";

import { native, type CallHandle, type NativeCalls, type Settle } from "./native.js";

/** How long an idle `NativeCalls` is kept for further calls. Its function keeps the realm of a test runner in memory. */
const RELEASED_AFTER_MS = 1000;

interface Pending {
  resolve(result: string): void;
  reject(failure: unknown): void;
}

/** @internal Native calls in progress, and the promises of their results. */
export class PendingCalls {
  readonly #pending = new Map<number, Pending>();
  #calls: NativeCalls | undefined;
  #last = 0;
  #isReleaseScheduled = false;

  /** Starts a native call, which may be cancelled with a reason. */
  start(begin: (...handle: CallHandle) => void): { result: Promise<string>; cancel(reason: unknown): void } {
    const calls = (this.#calls ??= new native.NativeCalls(this.#settle));
    const call = (this.#last = (this.#last + 1) >>> 0);
    const result = new Promise<string>((resolve, reject) => {
      this.#pending.set(call, { resolve, reject });
      try {
        begin(calls, call);
      } catch (refusal) {
        this.#pending.delete(call);
        this.#ended();
        throw refusal;
      }
    });
    const cancel = (reason: unknown) => {
      const pending = this.#pending.get(call);
      if (pending) {
        this.#pending.delete(call);
        calls.cancel(call);
        pending.reject(reason);
        this.#ended();
      }
    };
    return { result, cancel };
  }

  readonly #settle: Settle = (call, failure, result) => {
    const pending = this.#pending.get(call);
    if (!pending) {
      return;
    }
    this.#pending.delete(call);
    if (failure === null) {
      pending.resolve(result!);
    } else {
      pending.reject(Object.assign(new Error(failure), { code: "GenericFailure" }));
    }
    this.#ended();
  };

  /** Lets the process exit if no call is pending, and soon releases the native function. */
  #ended(): void {
    if (this.#pending.size > 0) {
      return;
    }
    this.#calls?.unref();
    if (!this.#isReleaseScheduled) {
      this.#isReleaseScheduled = true;
      setTimeout(() => this.#release(), RELEASED_AFTER_MS).unref();
    }
  }

  #release(): void {
    this.#isReleaseScheduled = false;
    if (this.#pending.size === 0) {
      this.#calls?.close();
      this.#calls = undefined;
    }
  }
}
