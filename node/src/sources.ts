import { ReadStream, statSync } from "node:fs";
import { basename } from "node:path";
import { Readable } from "node:stream";
import { isUint8Array } from "node:util/types";

import { wrongType } from "./arguments.js";
import { isBlob, toBytes } from "./content.js";
import { native, type Feed } from "./native.js";
import type { Stream } from "./types.js";

/** Larger pieces are put in part by part, so that none is held twice as a whole. */
const PIECE = 1 << 20;

/** @internal What a stream itself tells: its name, its type and its length. */
export function described(stream: unknown): { fileName?: string; contentType?: string; length?: number } {
  if (isBlob(stream)) {
    return {
      ...(typeof stream.name === "string" && { fileName: stream.name }),
      ...(stream.type && { contentType: stream.type }),
      length: stream.size,
    };
  }
  if (stream instanceof ReadStream && typeof stream.path === "string") {
    const length = lengthOf(stream as FileStream);
    return { fileName: basename(stream.path), ...(length !== undefined && { length }) };
  }
  return {};
}

type FileStream = ReadStream & { start?: number; end?: number };

/** How many bytes a file's stream gives, where it is at its beginning and gives them as they are. */
function lengthOf({ path, start = 0, end = Infinity, bytesRead, readableEncoding }: FileStream) {
  // Not asynchronously, as a stream that fails before it is read ends the process.
  const file = statOf(path);
  if (!file?.isFile() || bytesRead > 0 || readableEncoding !== null) {
    return undefined;
  }
  return Math.max(Math.min(end + 1, file.size) - start, 0);
}

function statOf(path: FileStream["path"]) {
  try {
    return statSync(path);
  } catch {
    // The stream fails by itself, and says why.
    return undefined;
  }
}

/** @internal A feed that a stream is poured into, at the pace at which it is read. */
export class Pour {
  readonly feed: Feed = new native.Feed();
  readonly #pieces: Pieces;
  readonly #isText: boolean;
  #over = false;

  constructor(stream: Stream) {
    this.#pieces = iterator(stream);
    this.#isText = stream instanceof Readable && stream.readableEncoding !== null;
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
        const piece = this.#isText ? Buffer.from(next.value as string) : toBytes("a piece of stream", next.value);
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
  const source: unknown = isBlob(stream) ? stream.stream() : stream;
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
  const remedy = can(source, "arrayBuffer") ? "give its body" : undefined;
  throw wrongType("stream", "a Readable, a ReadableStream, a Blob or an iterable of bytes", source, remedy);
}

function can(value: unknown, method: string): boolean {
  return typeof (value as Record<string, unknown> | null | undefined)?.[method] === "function";
}
