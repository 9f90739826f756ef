import { Readable } from "node:stream";
import { isAnyArrayBuffer, isUint8Array } from "node:util/types";

import { native, type Feed } from "./native.js";
import { invalidInput } from "./translate.js";
import type { Bytes, Stream } from "./types.js";

/** Larger pieces are put in part by part, so that none is held twice as a whole. */
const PIECE = 1 << 20;

/** @internal The bytes, without a copy. */
export function toBytes(bytes: Bytes, field: string): Uint8Array {
  if (bytes instanceof Uint8Array) {
    return bytes;
  }
  // One of another realm, as a test runner's, is no instance of this one's class.
  if (isAnyArrayBuffer(bytes)) {
    return new Uint8Array(bytes as ArrayBuffer);
  }
  if (ArrayBuffer.isView(bytes)) {
    const view = bytes as ArrayBufferView;
    return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
  }
  throw invalidInput(field, "these are no bytes; give a Uint8Array, a Buffer or an ArrayBuffer");
}

/** @internal A feed that a stream is poured into, at the pace at which it is read. */
export class Pour {
  readonly feed: Feed = new native.Feed();
  readonly #pieces: Pieces;
  #over = false;

  constructor(stream: Stream) {
    this.#pieces = iterator(stream);
  }

  /** Pours until the stream ends, it fails, or nobody reads any more. */
  async run(): Promise<void> {
    try {
      for (;;) {
        const next = await this.#pieces.next();
        if (this.#over) {
          return;
        }
        if (next.done) {
          await this.feed.end();
          return;
        }
        const piece = typeof next.value === "string" ? Buffer.from(next.value) : toBytes(next.value as Bytes, "stream");
        for (let at = 0; at < piece.length; at += PIECE) {
          if (!(await this.feed.put(piece.subarray(at, at + PIECE)))) {
            return;
          }
        }
      }
    } catch (thrown) {
      this.feed.giveUp();
      throw thrown;
    }
  }

  /** Lets go of the stream. */
  stop(): void {
    this.#over = true;
    this.feed.giveUp();
    // A stream that is in the middle of something may take its time, or fail: nobody cares any more.
    void Promise.resolve(this.#pieces.return?.()).catch(() => {});
  }
}

type Pieces = AsyncIterator<unknown> | Iterator<unknown>;

function iterator(stream: Stream): Pieces {
  // Test runners bring classes of their own for what is global, so that these are told by what they can do.
  const source: unknown = can(stream, "stream") ? (stream as Blob).stream() : stream;
  // The iterators of these two are let go only after the piece they wait for, which may never come.
  if (can(source, "getReader")) {
    const reader = (source as ReadableStream<unknown>).getReader();
    return {
      next: async () => {
        const { done, value } = await reader.read();
        return done ? { done, value } : { done: false, value };
      },
      return: async () => {
        await reader.cancel();
        return { done: true, value: undefined };
      },
    };
  }
  if (source instanceof Readable) {
    const pieces = source[Symbol.asyncIterator]();
    return {
      next: () => pieces.next(),
      return: async () => {
        source.destroy();
        return { done: true, value: undefined };
      },
    };
  }
  if (typeof source === "object" && source !== null && !isUint8Array(source)) {
    const iterable = source as { [Symbol.asyncIterator]?: () => Pieces; [Symbol.iterator]?: () => Pieces };
    const pieces = iterable[Symbol.asyncIterator]?.() ?? iterable[Symbol.iterator]?.();
    if (pieces) {
      return pieces;
    }
  }
  throw invalidInput("stream", "this is no stream; give a Readable, a ReadableStream, a Blob or an iterable of bytes");
}

function can(value: unknown, method: string): boolean {
  return typeof (value as Record<string, unknown> | null | undefined)?.[method] === "function";
}
