import { wrongType } from "./arguments.js";
import { run, type Open } from "./call.js";
import { contentStream } from "./content-stream.js";
import type { NativeRetriever } from "./native.js";
import type { CallOptions } from "./options.js";
import type { Retriever } from "./retriever.js";
import * as takes from "./takes.js";
import { invalidInput } from "./translate.js";

/** @internal */
export interface Reads {
  native: NativeRetriever;
  open: Open;
}

/**
 * A file, or a part of one, which is read on demand. It has the methods of a `Blob`, and
 * is created by {@link Retriever.open}.
 *
 * @example
 * ```js
 * const file = await retriever.open(`${cid}/data.parquet`);
 * const footer = await file.slice(-8).bytes();
 * ```
 */
export class RemoteFile {
  /** The CID of the whole file. */
  readonly cid: string;
  /** The bytes of it. */
  readonly size: number;
  readonly #reads: Reads;
  readonly #start: number;

  /** @internal */
  constructor(reads: Reads, cid: string, start: number, end: number) {
    this.#reads = reads;
    this.#start = start;
    this.cid = cid;
    this.size = end - start;
  }

  /**
   * Returns a part of it; nothing is read yet.
   *
   * @param start The first byte; negative numbers count from the end.
   * @param end The byte to stop before; negative numbers count from the end. The end unless set.
   * @throws {@link InvalidInputError} if one of them isn't an integer.
   */
  slice(start?: number | null, end?: number | null): RemoteFile {
    const from = this.#place("start", start, 0);
    const to = Math.max(this.#place("end", end, this.size), from);
    return new RemoteFile(this.#reads, this.cid, this.#start + from, this.#start + to);
  }

  /** Streams the bytes. */
  stream(options?: CallOptions | null): ReadableStream<Uint8Array<ArrayBuffer>> {
    return contentStream(this.#call(this.stream, options), () =>
      this.#reads.native.stream(this.cid, JSON.stringify(this.#range())),
    );
  }

  /**
   * The bytes in memory.
   *
   * @throws {@link InvalidInputError} if there are more than 256 MiB; use {@link slice} or {@link stream} for these.
   */
  bytes(options?: CallOptions | null): Promise<Uint8Array<ArrayBuffer>> {
    return this.#read(this.bytes, options, (bytes) => bytes);
  }

  /** Reads the file into memory. */
  arrayBuffer(options?: CallOptions | null): Promise<ArrayBuffer> {
    return this.#read(this.arrayBuffer, options, (bytes) => bytes.buffer);
  }

  /** Reads the file as UTF-8 text. */
  text(options?: CallOptions | null): Promise<string> {
    return this.#read(this.text, options, (bytes) => new TextDecoder().decode(bytes));
  }

  #read<T>(operation: Function, options: unknown, convert: (bytes: Uint8Array<ArrayBuffer>) => T): Promise<T> {
    return run(
      this.#call(operation, options),
      ({ token }) => this.#reads.native.read(this.cid, JSON.stringify(this.#range()), token),
      convert,
    );
  }

  #range(): { start: number; end: number } {
    return { start: this.#start, end: this.#start + this.size };
  }

  #call(operation: Function, options: unknown) {
    return { operation, takes: takes.CALL, options, open: this.#reads.open };
  }

  /** A place between the beginning and the end. */
  #place(name: string, value: unknown, unset: number): number {
    if (value === undefined || value === null) {
      return unset;
    }
    if (typeof value !== "number") {
      throw wrongType(name, "a whole number", value);
    }
    if (!Number.isInteger(value) && Math.abs(value) !== Infinity) {
      throw invalidInput(name, `${name} takes a whole number, not ${value}`);
    }
    return value < 0 ? Math.max(this.size + value, 0) : Math.min(value, this.size);
  }
}
