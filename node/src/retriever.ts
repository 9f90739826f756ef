import { constants } from "node:buffer";

import { path as toPath, text } from "./arguments.js";
import { attempt, call, here, Open, run, type Call } from "./call.js";
import { contentStream } from "./content-stream.js";
import { folderEntries } from "./folder-entries.js";
import { native, type NativeRetriever } from "./native.js";
import type { CallOptions } from "./options.js";
import { RemoteFile } from "./remote-file.js";
import type { FetchOptions, ReadOptions, RetrieverOptions } from "./retriever-options.js";
import * as takes from "./takes.js";
import type { Fetched, FolderEntry, Node, Path } from "./types.js";

/**
 * Reads content back from gateways and verifies every byte against its CID before returning it.
 *
 * No account is required, and no gateway is trusted: one that serves a wrong block isn't asked again, and the others
 * supply what is missing. A path is a CID, `CID/path`, `/ipfs/…`, `ipfs://…` or a gateway's URL.
 *
 * @example
 * ```js
 * import { Retriever } from "w3pin";
 *
 * const retriever = new Retriever({ gateways: ["https://trustless-gateway.link", "https://ipfs.io"] });
 * const readme = await retriever.read("bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi/readme");
 * console.log(readme.toString());
 * ```
 */
export class Retriever {
  readonly #native: NativeRetriever;
  readonly #open: Open;

  /**
   * Nothing is sent yet.
   *
   * @throws {@link InvalidInputError} if a setting can't be used.
   */
  constructor(options?: RetrieverOptions | null);
  /** @internal */
  constructor(made: Made);
  constructor(options?: RetrieverOptions | Made | null) {
    if (options instanceof Made) {
      this.#native = options.native;
      this.#open = new Open(options.parent);
      return;
    }
    this.#open = new Open();
    this.#native = attempt(() => {
      const { json } = takes.read("Retriever", options, takes.RETRIEVER);
      return new native.NativeRetriever(JSON.stringify(json));
    }, here(Retriever));
  }

  /** Stops every call and stream in progress and rejects later ones. */
  close(): void {
    this.#open.close(new DOMException("the retriever was closed", "AbortError"));
  }

  /** {@link close}, at the end of an `await using` block. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
  }

  /**
   * Resolves a path to a file, a folder or a symbolic link.
   *
   * @param path A CID, optionally followed by a path.
   * @throws {@link NotFoundError} if nothing exists at the path or no gateway has it.
   */
  resolve(path: string, options?: CallOptions | null): Promise<Node> {
    return call(
      this.#call(this.resolve, takes.CALL, options),
      async ({ invoke }) => invoke((...handle) => this.#native.resolve(text("path", path), ...handle)),
      (node: Node) => node,
    );
  }

  /**
   * Reads a file, or a range of it, into memory.
   *
   * @param path A CID, optionally followed by a path.
   * @throws {@link InvalidInputError} if it isn't a file, or is larger than `mostBytes`.
   * @throws {@link NotFoundError} if nothing exists at the path or no gateway has it.
   */
  read(path: string, options?: ReadOptions | null): Promise<Buffer<ArrayBuffer>> {
    return run(
      this.#call(this.read, takes.READ, options),
      async ({ options, token }) => {
        const { mostBytes } = options as ReadOptions;
        // Node.js makes no larger ones, however much is allowed.
        const bounded = mostBytes === undefined ? options : { ...options, mostBytes: Math.min(mostBytes, constants.MAX_LENGTH) };
        return this.#native.read(text("path", path), JSON.stringify(bounded), token);
      },
      (bytes) => bytes,
    );
  }

  /**
   * Streams a file, or a range of it.
   *
   * Nothing is read ahead: a slow reader slows the gateway down. Cancelling the stream, as leaving a `for await` loop
   * does, closes the connection. Errors occur in the stream; only an invalid argument is thrown.
   *
   * @param path A CID, optionally followed by a path.
   *
   * @example
   * ```js
   * export function GET() {
   *   return new Response(retriever.stream(`${cid}/video.mp4`));
   * }
   * ```
   */
  stream(path: string, options?: ReadOptions | null): ReadableStream<Uint8Array<ArrayBuffer>> {
    return contentStream(this.#call(this.stream, takes.READ, options), ({ json }) =>
      this.#native.stream(text("path", path), json),
    );
  }

  /**
   * Opens a file for random access.
   *
   * @param path A CID, optionally followed by a path.
   * @throws {@link InvalidInputError} if it isn't a file.
   * @throws {@link NotFoundError} if nothing exists at the path or no gateway has it.
   */
  open(path: string, options?: CallOptions | null): Promise<RemoteFile> {
    const reads = { native: this.#native, open: this.#open };
    return call(
      this.#call(this.open, takes.CALL, options),
      async ({ invoke }) => invoke((...handle) => this.#native.open(text("path", path), ...handle)),
      ({ cid, size }: { cid: string; size: number }) => new RemoteFile(reads, cid, 0, size),
    );
  }

  /**
   * Lists the entries of a folder.
   *
   * The entries are in the order of its blocks, and fetched as needed. Determining the kind of an entry takes a
   * request, except for raw blocks; several run at a time. Leaving the loop stops them; each iteration lists again.
   *
   * @param path A CID, optionally followed by a path.
   *
   * @example
   * ```js
   * for await (const { name, kind, size } of retriever.list(cid)) {
   *   console.log(name, kind, size);
   * }
   * ```
   */
  list(path: string, options?: CallOptions | null): AsyncIterable<FolderEntry> {
    return folderEntries(this.#call(this.list, takes.CALL, options), () => this.#native.list(text("path", path)));
  }

  /**
   * Writes a file or folder to disk.
   *
   * A file gets its final name once it is complete. Content that is already on disk is compared by its digests, and
   * only what is
   * missing is fetched; call it again to resume after an interruption. Names and links that lead out of the destination
   * are rejected.
   *
   * @param path A CID, optionally followed by a path.
   * @param destination The path of the file or folder to write.
   * @throws {@link LocalIoError} if it can't be written, or a file with other content exists.
   * @throws {@link NotFoundError} if nothing exists at the path or no gateway has it.
   */
  fetch(path: string, destination: Path, options?: FetchOptions | null): Promise<Fetched> {
    return call(
      this.#call(this.fetch, takes.FETCH, options),
      async ({ json, invoke, tell }) =>
        invoke((...handle) => this.#native.fetch(text("path", path), toPath("destination", destination), json, ...handle, tell)),
      (fetched: Fetched) => fetched,
    );
  }

  #call(operation: Function, of: takes.Takes, options: unknown): Call {
    return { operation, takes: of, options, open: this.#open };
  }
}

/** @internal What a client makes a retriever of. */
export class Made {
  constructor(
    readonly native: NativeRetriever,
    /** The client's calls. */
    readonly parent: Open,
  ) {}
}
