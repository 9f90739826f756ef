import { cidItems, count, fileItems, ids as toIds, path as toPath, text } from "./arguments.js";
import { completed, outcomes } from "./batch.js";
import { attempt, call, here, Open, type Call, type Running } from "./call.js";
import { content as toContent, folder as toFolder, once, toBytes } from "./content.js";
import { toJson } from "./json.js";
import { native, type NativeClient } from "./native.js";
import type {
  CallOptions,
  ClientOptions,
  ListOptions,
  PinByCidOptions,
  PinCarOptions,
  PinCidsOptions,
  PinFileOptions,
  PinFilesOptions,
  PinFolderOptions,
  PinPathOptions,
  PinStreamOptions,
  PrepareOptions,
  SyncFolderOptions,
  UnpinManyOptions,
  WaitOptions,
} from "./options.js";
import { toPin, toPins, type Pin, type PinColumns } from "./pin.js";
import { Pins } from "./pins.js";
import { keptOf, toPrepared, type PreparedUpload } from "./prepared.js";
import { Made, Retriever } from "./retriever.js";
import { described, Pour } from "./sources.js";
import * as takes from "./takes.js";
import type {
  Bytes,
  CidItem,
  Collection,
  Completed,
  Content,
  FileItem,
  Folder,
  Outcome,
  Page,
  Path,
  Stream,
  Synced,
  UnreadablePin,
} from "./types.js";

/**
 * A client of a pinning service, for one account.
 *
 * While content is sent, its CID is computed from the same bytes, so the returned pin says whether the service
 * pinned what was sent. Transient failures are retried with exponential backoff, without pinning twice. Every call
 * takes an `AbortSignal`, which closes its connection.
 *
 * @example
 * ```js
 * import { Client } from "w3pin";
 *
 * const client = new Client({ credentials: { apiKey: "API_KEY", secretKey: "SECRET_KEY" } });
 * const pin = await client.pinFolder("site", { name: "my site", verify: "require" });
 * console.log(pin.cid, pin.verification.result);
 * ```
 */
export class Client {
  readonly #native: NativeClient;
  readonly #open = new Open();

  /**
   * Nothing is sent yet.
   *
   * @throws {@link InvalidInputError} if a key is missing or a setting can't be used.
   */
  constructor(options?: ClientOptions | null) {
    this.#native = attempt(() => {
      const { json } = takes.read("Client", options, takes.CLIENT);
      return new native.NativeClient(JSON.stringify(json));
    }, here(Client));
  }

  /** The endpoint of the service. */
  get endpoint(): string {
    return this.#native.endpoint;
  }

  /** Stops every call in progress and rejects later ones. */
  close(): void {
    this.#open.close(new DOMException("the client was closed", "AbortError"));
  }

  /** {@link close}, at the end of an `await using` block. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
  }

  /**
   * Returns a retriever that uses this client's gateways and connections, and is closed with it.
   */
  retriever(): Retriever {
    return new Retriever(new Made(this.#native.retriever(), this.#open));
  }

  /**
   * Pins a file by uploading it.
   *
   * @param path The file's path; a symbolic link there is followed.
   * @throws {@link LocalIoError} if it can't be read, {@link InvalidInputError} if it is empty or a folder,
   * {@link CidMismatchError} if proof is required and missing, and any error of the service.
   */
  pinFile(path: Path, options?: PinFileOptions | null): Promise<Pin> {
    return this.#pin(this.pinFile, takes.PIN_FILE, options, async ({ json, invoke, tell }) =>
      invoke((...handle) => this.#native.pinFile(toPath("path", path), json, ...handle, tell)),
    );
  }

  /**
   * Pins the content of a CAR file by uploading it.
   *
   * The pin has the blocks and the root CID of the CAR, which must name one root and contain all blocks below it. Not
   * every service accepts CARs, so the client asks before it sends anything; `w3pin serve` does. Unless a name is set,
   * the pin is named after the file, without `.car`.
   *
   * @param path The CAR file's path.
   * @throws {@link InvalidInputError} if the service doesn't accept CARs, or the CAR has no root, several roots, or
   * lacks a block, {@link DecodeError} if the file isn't a CAR, is truncated, or contains a block that doesn't match
   * its CID, and
   * any error of the service.
   */
  pinCar(path: Path, options?: PinCarOptions | null): Promise<Pin> {
    return this.#pin(this.pinCar, takes.PIN_CAR, options, async ({ json, invoke, tell }) =>
      invoke((...handle) => this.#native.pinCar(toPath("path", path), json, ...handle, tell)),
    );
  }

  /**
   * Pins a folder by uploading all files in it.
   *
   * The root is the folder itself. Empty folders are left out, because an upload can't carry them.
   *
   * @param folder The folder's path, or a mapping of paths to bytes for a folder in memory.
   *
   * @example
   * ```js
   * await client.pinFolder({ "0.json": Buffer.from("{}"), "images/0.png": png }, { name: "drop" });
   * ```
   */
  pinFolder(folder: Folder, options?: PinFolderOptions | null): Promise<Pin> {
    return this.#pin(this.pinFolder, takes.PIN_FOLDER, options, ({ json, invoke, tell }) =>
      once(toFolder("folder", folder), (it) => invoke((...handle) => this.#native.pinFolder(it, json, ...handle, tell))),
    );
  }

  /**
   * Keeps a folder pinned under a name: uploads it if it has changed, and unpins older deploys of that name.
   *
   * The CID is computed first; if the newest deploy has it, nothing is sent. Otherwise the folder is uploaded, its CID
   * is proved, and the call waits until it is pinned. Only then are older deploys removed. Pins that weren't created by
   * a sync of this name are never touched.
   *
   * @param folder The folder's path, or a mapping of paths to bytes for a folder in memory.
   * @param name The name of the deployment; use a different name for each folder.
   *
   * @example
   * ```js
   * const { outcome, dnslink } = await client.syncFolder("site", "example.org", { keep: 5 });
   * ```
   */
  syncFolder(folder: Folder, name: string, options?: SyncFolderOptions | null): Promise<Synced> {
    return call(
      this.#call(this.syncFolder, takes.SYNC_FOLDER, options),
      async ({ json, invoke, tell }) => {
        const own = text("name", name);
        return once(toFolder("folder", folder), (it) =>
          invoke((...handle) => this.#native.syncFolder(it, own, json, ...handle, tell)),
        );
      },
      toSynced,
    );
  }

  /**
   * Pins the file or folder at a path by uploading it.
   *
   * @param path The path of a file or folder.
   */
  pinPath(path: Path, options?: PinPathOptions | null): Promise<Pin> {
    return this.#pin(this.pinPath, takes.PIN_PATH, options, async ({ json, invoke, tell }) =>
      invoke((...handle) => this.#native.pinPath(toPath("path", path), json, ...handle, tell)),
    );
  }

  /**
   * Pins bytes in memory. The file is named `fileName`, or after the pin, or `bytes`.
   *
   * @param bytes The bytes; at least one.
   */
  pinBytes(bytes: Bytes, options?: PinFileOptions | null): Promise<Pin> {
    return this.#pin(this.pinBytes, takes.PIN_FILE, options, async ({ json, invoke, tell }) =>
      invoke((...handle) => this.#native.pinBytes(toBytes("bytes", bytes), json, ...handle, tell)),
    );
  }

  /**
   * Pins a value as canonical JSON (RFC 8785), so that every language computes the same CID. The
   * file is named `fileName`, or after the pin, or `data.json`.
   *
   * @param value The value; integers beyond 2^53 aren't exact in JSON and are rejected. So are values that JSON
   * can't represent, such as a promise, a `Map` or NaN.
   */
  pinJson(value: unknown, options?: PinFileOptions | null): Promise<Pin> {
    return this.#pin(this.pinJson, takes.PIN_FILE, options, async ({ json, invoke, tell }) =>
      invoke((...handle) => this.#native.pinJson(toJson("value", value), json, ...handle, tell)),
    );
  }

  /**
   * Pins the content of a stream; once the first byte has been sent, the upload can't be retried.
   *
   * It is read only as fast as it is sent, so memory doesn't grow on a slow network. A `Blob`, a `File` and a stream
   * of `fs.createReadStream` provide their name, type and length, unless the options set them.
   *
   * @param stream The stream, which is read once.
   */
  pinStream(stream: Stream, options?: PinStreamOptions | null): Promise<Pin> {
    return this.#pin(this.pinStream, takes.PIN_STREAM, options, async ({ options, invoke, tell, stop }) => {
      const pour = new Pour(stream);
      try {
        const json = JSON.stringify({ ...described(stream), ...options });
        // What makes the stream fail is told rather than that it was given up.
        pour.run().catch(stop);
        return await invoke((...handle) => this.#native.pinStream(pour.feed, json, ...handle, tell));
      } finally {
        pour.stop();
      }
    });
  }

  /**
   * Pins content that is already on IPFS; the service fetches it, which can take a long time.
   *
   * @param cid The CID of the content's root.
   */
  pinByCid(cid: string, options?: PinByCidOptions | null): Promise<Pin> {
    return this.#pin(this.pinByCid, takes.PIN_BY_CID, options, async ({ json, invoke }) =>
      invoke((...handle) => this.#native.pinByCid(text("cid", cid), json, ...handle)),
    );
  }

  /**
   * Retrieves a pin.
   *
   * @param id The pin's id.
   */
  getPin(id: string, options?: CallOptions | null): Promise<Pin> {
    return this.#pin(this.getPin, takes.CALL, options, async ({ invoke }) =>
      invoke((...handle) => this.#native.getPin(text("id", id), ...handle)),
    );
  }

  /** Lists one page of the account's pins. */
  listPins(options?: ListOptions | null): Promise<Page> {
    return call(
      this.#call(this.listPins, takes.LIST, options),
      async ({ json, invoke }) => invoke((...handle) => this.#native.listPins(json, ...handle)),
      toPage,
    );
  }

  /** Lists all of the account's pins and requests pages as they are needed. */
  pins(options?: ListOptions | null): Pins {
    return new Pins(this.#call(this.pins, takes.LIST, options), (json) => this.#native.pins(json));
  }

  /**
   * Removes a pin. If the response is lost and the pin is gone when the request is retried, the call succeeds.
   *
   * @param id The pin's id.
   */
  unpin(id: string, options?: CallOptions | null): Promise<void> {
    return call(
      this.#call(this.unpin, takes.CALL, options),
      async ({ invoke }) => invoke((...handle) => this.#native.unpin(text("id", id), ...handle)),
      nothing,
    );
  }

  /**
   * Waits until the service has pinned the content.
   *
   * @param id The pin's id.
   */
  waitUntilPinned(id: string, options?: WaitOptions | null): Promise<Pin> {
    return this.#pin(this.waitUntilPinned, takes.WAIT, options, async ({ json, invoke }) =>
      invoke((...handle) => this.#native.waitUntilPinned(text("id", id), json, ...handle)),
    );
  }

  /** Checks that the service accepts the credentials. */
  checkCredentials(options?: CallOptions | null): Promise<void> {
    return call(
      this.#call(this.checkCredentials, takes.CALL, options),
      async ({ invoke }) => invoke((...handle) => this.#native.checkCredentials(...handle)),
      nothing,
    );
  }

  /**
   * Pins many files or folders, each as its own pin, and returns the results in the order of the items.
   *
   * A failure doesn't stop the others. If it is aborted it rejects; {@link pinFilesAsCompleted} also yields what was
   * pinned.
   *
   * @param items Paths, each optionally with its own name and key-values.
   */
  pinFiles(items: Collection<Path | FileItem>, options?: PinFilesOptions | null): Promise<Outcome<Pin>[]> {
    return call(
      this.#call(this.pinFiles, takes.PIN_FILES, options),
      async ({ json, invoke, tell }) =>
        invoke((...handle) => this.#native.pinFiles(JSON.stringify(fileItems("items", items)), json, ...handle, tell)),
      outcomes(toPin),
    );
  }

  /**
   * Pins many files or folders, each as its own pin, and yields each result as soon as it is available.
   *
   * Leaving the loop stops the rest. If it is aborted, available results are yielded first.
   *
   * @param items Paths, each optionally with its own name and key-values.
   *
   * @example
   * ```js
   * const paths = ["art/1.png", "art/2.png"];
   * for await (const { index, ok, error } of client.pinFilesAsCompleted(paths)) {
   *   console.log(paths[index], ok ? ok.cid : error?.message);
   * }
   * ```
   */
  pinFilesAsCompleted(
    items: Collection<Path | FileItem>,
    options?: PinFilesOptions | null,
  ): AsyncIterable<Completed<Pin>> {
    return completed(
      this.#call(this.pinFilesAsCompleted, takes.PIN_FILES, options),
      ({ json, tell }) => this.#native.pinFilesAsCompleted(JSON.stringify(fileItems("items", items)), json, tell),
      toPin,
    );
  }

  /**
   * Pins many CIDs and returns the results in the order of the items.
   *
   * @param items CIDs, each optionally with its own name and key-values.
   */
  pinCids(items: Collection<string | CidItem>, options?: PinCidsOptions | null): Promise<Outcome<Pin>[]> {
    return call(
      this.#call(this.pinCids, takes.PIN_CIDS, options),
      async ({ json, invoke }) => invoke((...handle) => this.#native.pinCids(JSON.stringify(cidItems("items", items)), json, ...handle)),
      outcomes(toPin),
    );
  }

  /**
   * Pins many CIDs and yields each result as soon as it is available.
   *
   * @param items CIDs, each optionally with its own name and key-values.
   */
  pinCidsAsCompleted(
    items: Collection<string | CidItem>,
    options?: PinCidsOptions | null,
  ): AsyncIterable<Completed<Pin>> {
    return completed(
      this.#call(this.pinCidsAsCompleted, takes.PIN_CIDS, options),
      ({ json }) => this.#native.pinCidsAsCompleted(JSON.stringify(cidItems("items", items)), json),
      toPin,
    );
  }

  /**
   * Removes many pins and returns the results in the order of the ids.
   *
   * @param ids The pins' ids.
   */
  unpinMany(ids: Collection<string>, options?: UnpinManyOptions | null): Promise<Outcome<void>[]> {
    return call(
      this.#call(this.unpinMany, takes.UNPIN_MANY, options),
      async ({ json, invoke }) => invoke((...handle) => this.#native.unpinMany(JSON.stringify(toIds("ids", ids)), json, ...handle)),
      outcomes(nothing),
    );
  }

  /**
   * Removes many pins and yields each result as soon as it is available.
   *
   * @param ids The pins' ids.
   */
  unpinManyAsCompleted(ids: Collection<string>, options?: UnpinManyOptions | null): AsyncIterable<Completed<void>> {
    return completed(
      this.#call(this.unpinManyAsCompleted, takes.UNPIN_MANY, options),
      ({ json }) => this.#native.unpinManyAsCompleted(JSON.stringify(toIds("ids", ids)), json),
      nothing,
    );
  }

  /**
   * Prepares an upload for another HTTP stack to send, and writes its body to a file.
   *
   * Send it with the given method, URL and headers, then pass the response to {@link finishUpload}, and remove the
   * file.
   *
   * @param content A file or folder, on disk or in memory.
   * @param body The path of the file to write the body to, which must not exist.
   *
   * @example
   * ```js
   * const { method, url, headers, body } = upload;
   * const response = await fetch(url, { method, headers, body: await openAsBlob(body) });
   * const pin = await client.finishUpload(upload, response.status, await response.arrayBuffer());
   * ```
   */
  prepareUpload(content: Content, body: Path, options?: PrepareOptions | null): Promise<PreparedUpload> {
    return call(
      this.#call(this.prepareUpload, takes.PREPARE, options),
      async ({ json, invoke }) => {
        const path = toPath("body", body);
        return once(toContent("content", content), (it) =>
          invoke((...handle) => this.#native.prepareUpload(it, path, json, ...handle)),
        );
      },
      toPrepared,
    );
  }

  /**
   * Checks the response to a prepared upload and returns the pin.
   *
   * @param upload The prepared upload.
   * @param status The HTTP status of the response.
   * @param response The body of the response.
   */
  finishUpload(upload: PreparedUpload, status: number, response: Bytes, options?: CallOptions | null): Promise<Pin> {
    return this.#pin(this.finishUpload, takes.CALL, options, async ({ invoke }) =>
      invoke((...handle) =>
        this.#native.finishUpload(
          keptOf("upload", upload),
          count("status", status),
          toBytes("response", response),
          ...handle,
        ),
      ),
    );
  }

  #call(operation: Function, of: takes.Takes, options: unknown): Call {
    return { operation, takes: of, options, open: this.#open };
  }

  #pin(
    operation: Function,
    of: takes.Takes,
    options: unknown,
    begin: (running: Running) => Promise<string>,
  ): Promise<Pin> {
    return call(this.#call(operation, of, options), begin, toPin);
  }
}

function toPage({ pins, ...rest }: { pins: PinColumns; totals: Page["totals"]; unreadable: UnreadablePin[] }): Page {
  return { pins: toPins(pins), ...rest };
}

function toSynced({ pin, kept, ...rest }: Omit<Synced, "pin" | "kept"> & { pin?: PinColumns; kept: PinColumns }): Synced {
  return { ...rest, ...(pin && { pin: toPin(pin) }), kept: toPins(kept) };
}

function nothing(): void {}
