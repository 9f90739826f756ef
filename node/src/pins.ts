import { call, here, type Call } from "./call.js";
import type { NativePins } from "./native.js";
import { toPins, type Pin, type PinColumns } from "./pin.js";
import type { UnreadablePin } from "./types.js";

type Found = [pins: PinColumns | null, unreadable: UnreadablePin[]];

/**
 * The account's pins, requested page by page as needed. Each iteration lists them again.
 *
 * @example
 * ```js
 * for await (const pin of client.pins({ pinned: "pinned" })) {
 *   console.log(pin.cid);
 * }
 * ```
 */
export class Pins implements AsyncIterable<Pin> {
  readonly #of: Call;
  readonly #begin: (options: string) => NativePins;
  #unreadable: readonly UnreadablePin[] = [];

  /** @internal */
  constructor(of: Call, begin: (options: string) => NativePins) {
    this.#of = of;
    this.#begin = begin;
  }

  /** Entries of the latest iteration so far that can't be read as pins; the first 1,000. */
  get unreadable(): readonly UnreadablePin[] {
    return this.#unreadable;
  }

  /** Requests the pages one after the other and yields their pins. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Pin, void, undefined> {
    const caller = here(this[Symbol.asyncIterator]);
    this.#unreadable = [];
    let pins: NativePins | undefined;
    for (;;) {
      const [page, unreadable] = await call(
        this.#of,
        async ({ invoke, json }) => invoke((...handle) => (pins ??= this.#begin(json)).nextPage(...handle)),
        (found: Found) => found,
        caller,
      );
      this.#unreadable = unreadable;
      if (page === null) {
        return;
      }
      yield* toPins(page);
    }
  }

  /** All of them at once. */
  async toArray(): Promise<Pin[]> {
    const all: Pin[] = [];
    for await (const pin of this) {
      all.push(pin);
    }
    return all;
  }
}
