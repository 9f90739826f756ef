import { setTimeout } from "node:timers";

import { native, type NativeCalls, type Settle, type To } from "./native.js";

/** How long the function that native calls share is kept without any. It holds the realm of a test runner in memory. */
const KEPT_MS = 1000;

interface Pending {
  resolve(answer: string): void;
  reject(failure: unknown): void;
}

/** @internal Native calls, and who awaits their answers. */
export class Asked {
  readonly #pending = new Map<number, Pending>();
  #calls: NativeCalls | undefined;
  #last = 0;
  #isKept = false;

  /** Begins a call, which may be cancelled for a reason. */
  ask(begin: (...to: To) => void): { answer: Promise<string>; cancel(reason: unknown): void } {
    const calls = (this.#calls ??= new native.NativeCalls(this.#settle));
    const call = (this.#last = (this.#last + 1) >>> 0);
    const answer = new Promise<string>((resolve, reject) => {
      begin(calls, call);
      this.#pending.set(call, { resolve, reject });
    });
    const cancel = (reason: unknown) => {
      const pending = this.#pending.get(call);
      if (pending) {
        this.#pending.delete(call);
        calls.cancel(call);
        pending.reject(reason);
        this.#rest();
      }
    };
    return { answer, cancel };
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
    this.#rest();
  };

  /** Lets the process exit if nothing is awaited, and soon lets go of the function. */
  #rest(): void {
    if (this.#pending.size > 0) {
      return;
    }
    this.#calls?.rest();
    if (!this.#isKept) {
      this.#isKept = true;
      setTimeout(() => this.#letGo(), KEPT_MS).unref();
    }
  }

  #letGo(): void {
    this.#isKept = false;
    if (this.#pending.size === 0) {
      this.#calls?.close();
      this.#calls = undefined;
    }
  }
}
