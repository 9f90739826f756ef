import { call, here, type Stops } from "./call.js";
import { toPins } from "./convert.js";
import type { NativePins } from "./native.js";
import { translate } from "./translate.js";
import type { Page, Pin } from "./types.js";

/**
 * The account's pins, read page by page as they are asked for. Iterating twice lists twice.
 *
 * @example
 * ```js
 * for await (const pin of client.pins({ pinned: "pinned" })) {
 *   console.log(pin.cid);
 * }
 * ```
 */
export class Pins implements AsyncIterable<Pin> {
  readonly #begin: () => NativePins;
  readonly #page: (offset: number, limit: number) => Promise<Page>;
  readonly #stops: Stops;

  /** @internal */
  constructor(begin: () => NativePins, page: (offset: number, limit: number) => Promise<Page>, stops: Stops) {
    this.#begin = begin;
    this.#page = page;
    this.#stops = stops;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Pin, void, undefined> {
    const caller = here(this[Symbol.asyncIterator]);
    let pins: NativePins;
    try {
      pins = this.#begin();
    } catch (thrown) {
      throw translate(thrown, caller);
    }
    for (;;) {
      const page = await call({ ...this.#stops, caller }, (token) => pins.nextPage(token), toPins);
      if (page === null) {
        return;
      }
      yield* page;
    }
  }

  /** One page: the `limit` pins behind the first `offset` ones. */
  page(offset = 0, limit = 10): Promise<Page> {
    return this.#page(offset, limit);
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
