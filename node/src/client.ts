import { fileURLToPath } from "node:url";

import { call, here, Open, type Stops } from "./call.js";
import { toPage, toPin, toProof, toRoot } from "./convert.js";
import { native, type CancelToken, type NativeClient, type NativeProgress } from "./native.js";
import { Pins } from "./pins.js";
import { Pour, toBytes } from "./sources.js";
import { errorOf, invalidInput, translate } from "./translate.js";
import type {
  Bytes,
  CallOptions,
  CidOptions,
  ClientOptions,
  ListOptions,
  ManyOptions,
  Outcome,
  Page,
  Pin,
  PinByCidOptions,
  PinFolderOptions,
  PinOptions,
  Proof,
  Root,
  Stream,
  VerifyOptions,
  WaitOptions,
} from "./types.js";

type Tell = ((progress: NativeProgress) => void) | undefined;
type Path = string | URL;

/**
 * A client of a pinning service, for one account.
 *
 * While content goes out, its CID is computed from the same bytes, so the pin that comes back says whether the service
 * pinned what was sent. Calls that fail for a passing reason are tried again, without pinning twice. Every call takes
 * an `AbortSignal`, which closes its connection.
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
   * @throws {@link InvalidInputError} where a key is missing or a setting can't be used.
   */
  constructor(options: ClientOptions = {}) {
    const { credentials, ...settings } = options;
    try {
      this.#native = new native.NativeClient(toOptions({ ...settings, ...credentials }));
    } catch (thrown) {
      throw translate(thrown, here(Client));
    }
  }

  /** Where the service is. */
  get endpoint(): string {
    return this.#native.endpoint;
  }

  /** Stops every call that is under way; later ones reject. */
  close(): void {
    this.#open.close(new DOMException("the client was closed", "AbortError"));
  }

  /** {@link close}, at the end of an `await using` block. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
  }

  /**
   * Pins a file by sending it.
   *
   * @throws {@link LocalIoError} where it can't be read, {@link InvalidInputError} where it is empty or a folder,
   * {@link CidMismatchError} where proof is required and missing, and whatever the service refuses.
   */
  pinFile(path: Path, options: PinOptions = {}): Promise<Pin> {
    return this.#upload(this.pinFile, options, (token, json, tell) =>
      this.#native.pinPath("file", toPath(path), json, token, tell),
    );
  }

  /** Pins a folder, with all files in it. Its root is the folder itself; folders without files are left out. */
  pinFolder(path: Path, options: PinFolderOptions = {}): Promise<Pin> {
    return this.#upload(this.pinFolder, options, (token, json, tell) =>
      this.#native.pinPath("folder", toPath(path), json, token, tell),
    );
  }

  /** Pins a file or a folder, whichever is at `path`. */
  pinPath(path: Path, options: PinFolderOptions = {}): Promise<Pin> {
    return this.#upload(this.pinPath, options, (token, json, tell) =>
      this.#native.pinPath("path", toPath(path), json, token, tell),
    );
  }

  /** Pins bytes in memory. The file is called by the pin's name, or `bytes`. */
  pinBytes(bytes: Bytes, options: PinOptions = {}): Promise<Pin> {
    return this.#upload(this.pinBytes, options, (token, json, tell) =>
      this.#native.pinBytes(toBytes(bytes, "bytes"), json, token, tell),
    );
  }

  /** Pins a value as a JSON document. The file is called by the pin's name, or `data.json`. */
  pinJson(value: unknown, options: PinOptions = {}): Promise<Pin> {
    return this.#upload(this.pinJson, options, (token, json, tell) =>
      this.#native.pinJson(toJson(value), json, token, tell),
    );
  }

  /**
   * Pins what a stream gives, at the pace at which it is sent: a slow network never makes memory grow. The file is
   * called by the pin's name, or `stream`. Once it has begun it can't be sent again: if its answer is lost, the pin is
   * looked for.
   */
  pinStream(stream: Stream, options: PinOptions = {}): Promise<Pin> {
    return this.#upload(this.pinStream, options, async (token, json, tell, stop) => {
      const pour = new Pour(stream);
      // What makes the stream fail is told rather than that it was given up.
      pour.run().catch(stop);
      try {
        return await this.#native.pinStream(pour.feed, json, token, tell);
      } finally {
        pour.stop();
      }
    });
  }

  /** Pins content that is on IPFS already. The service fetches it, which may take long or never end. */
  pinByCid(cid: string, options: PinByCidOptions = {}): Promise<Pin> {
    const { signal, ...rest } = options;
    return call(
      this.#stops({ signal }, this.pinByCid),
      (token) => this.#native.pinByCid(text(cid, "cid"), toOptions(rest), token),
      toPin,
    );
  }

  /** Retrieves a pin. */
  getPin(id: string, options: CallOptions = {}): Promise<Pin> {
    return call(this.#stops(options, this.getPin), (token) => this.#native.getPin(text(id, "id"), token), toPin);
  }

  /** Lists one page of the account's pins. */
  listPins(options: ListOptions = {}): Promise<Page> {
    const { signal, timeoutMs, ...list } = options;
    return call(
      this.#stops({ signal, timeoutMs }, this.listPins),
      (token) => this.#native.listPins(toOptions(list), token),
      toPage,
    );
  }

  /** Lists all pins, page by page as they are asked for; `limit` is the size of a page. */
  pins(options: ListOptions = {}): Pins {
    const { signal, timeoutMs, ...list } = options;
    return new Pins(
      () => this.#native.pins(toOptions(list)),
      (offset, limit) => this.listPins({ ...options, offset, limit }),
      this.#stops({ signal, timeoutMs }, this.pins),
    );
  }

  /** Unpins content. Where the answer is lost and the pin is gone when asked again, that is a success. */
  async unpin(id: string, options: CallOptions = {}): Promise<void> {
    await call(this.#stops(options, this.unpin), (token) => this.#native.unpin(text(id, "id"), token), nothing);
  }

  /** Looks at a pin until its content is pinned. */
  waitUntilPinned(id: string, options: WaitOptions = {}): Promise<Pin> {
    const { signal, timeoutMs, ...policy } = options;
    return call(
      this.#stops({ signal, timeoutMs }, this.waitUntilPinned),
      (token) => this.#native.waitUntilPinned(text(id, "id"), toOptions(policy), token),
      toPin,
    );
  }

  /** Asks whether the service accepts the credentials. */
  async checkCredentials(options: CallOptions = {}): Promise<void> {
    const stops = this.#stops(options, this.checkCredentials);
    await call(stops, (token) => this.#native.checkCredentials(token), nothing);
  }

  /** Pins each of these files or folders for itself; one result or error for each, in their order. */
  pinFiles(paths: Iterable<Path>, options: PinFolderOptions & ManyOptions = {}): Promise<Outcome<Pin>[]> {
    const { signal, onProgress, concurrency, ...rest } = options;
    const stops = { ...this.#stops({ signal }, this.pinFiles), onProgress };
    return call(
      stops,
      (token, tell) =>
        this.#native.pinFiles([...paths].map(toPath), many(concurrency), toOptions(rest), token, tell),
      outcomes(toPin, stops.caller),
    );
  }

  /** Pins each of these CIDs; one result or error for each, in their order. */
  pinCids(cids: Iterable<string>, options: PinByCidOptions & ManyOptions = {}): Promise<Outcome<Pin>[]> {
    const { signal, concurrency, ...rest } = options;
    const stops = this.#stops({ signal }, this.pinCids);
    return call(
      stops,
      (token) => this.#native.pinCids([...cids], many(concurrency), toOptions(rest), token),
      outcomes(toPin, stops.caller),
    );
  }

  /** Unpins each of these pins; one result or error for each, in their order. */
  unpinMany(ids: Iterable<string>, options: CallOptions & ManyOptions = {}): Promise<Outcome<void>[]> {
    const stops = this.#stops(options, this.unpinMany);
    return call(
      stops,
      (token) => this.#native.unpinMany([...ids], many(options.concurrency), token),
      outcomes(nothing, stops.caller),
    );
  }

  /**
   * Proves that the DAG under `cid` is this content, whatever its layout: a path, or bytes. The small blocks that hold
   * links are fetched from a gateway, which needs no trust.
   *
   * @throws {@link CidMismatchError} where the content differs, with the path and offset of the first difference.
   */
  verify(content: Path | Bytes, cid: string, options: VerifyOptions = {}): Promise<Proof> {
    const { signal, timeoutMs, ...rest } = options;
    return call(
      this.#stops({ signal, timeoutMs }, this.verify),
      (token) => {
        const local = typeof content === "string" || isUrl(content);
        const path = local ? toPath(content) : "";
        const bytes = local ? undefined : toBytes(content, "content");
        return this.#native.verify(path, bytes, text(cid, "cid"), toOptions(rest), token);
      },
      toProof,
    );
  }

  #upload(
    method: Function,
    options: PinOptions,
    begin: (token: CancelToken, json: string, tell: Tell, stop: (reason: unknown) => void) => Promise<string>,
  ): Promise<Pin> {
    const { signal, onProgress, ...rest } = options;
    return call(
      { ...this.#stops({ signal }, method), onProgress },
      (token, tell, stop) => begin(token, toOptions(rest), tell, stop),
      toPin,
    );
  }

  #stops(
    options: { signal?: AbortSignal | undefined; timeoutMs?: number | undefined },
    method: Function,
  ): Stops {
    return { signal: options.signal, timeoutMs: options.timeoutMs, open: this.#open, caller: here(method) };
  }
}

/**
 * The CID of a file or folder, offline. A folder counts empty folders and symbolic links, unless told otherwise.
 *
 * @throws {@link LocalIoError} where it can't be read.
 */
export async function computeCid(path: Path, options: CidOptions = {}): Promise<Root> {
  const caller = here(computeCid);
  try {
    return toRoot(JSON.parse(await native.computeCid(toPath(path), toOptions(options))));
  } catch (thrown) {
    throw translate(thrown, caller);
  }
}

function toPath(path: Path): string {
  if (!isUrl(path)) {
    return text(path, "path");
  }
  try {
    return fileURLToPath(path);
  } catch (cause) {
    throw invalidInput("path", `a URL must begin with file://, and this one begins with ${path.protocol}`, { cause });
  }
}

/** Test runners bring a class of their own for URLs, so that they are told by what they have. */
function isUrl(value: unknown): value is URL {
  return typeof value === "object" && value !== null && "href" in value;
}

function text(value: string, field: string): string {
  if (typeof value !== "string") {
    throw invalidInput(field, `${field} must be a string, and it is of type ${typeof value}`);
  }
  return value;
}

function toJson(value: unknown): string {
  let document: string | undefined;
  try {
    document = JSON.stringify(value);
  } catch (cause) {
    throw invalidInput("value", `the value can't be JSON: ${cause instanceof Error ? cause.message : cause}`, { cause });
  }
  if (document === undefined) {
    throw invalidInput("value", `the value can't be JSON: it is of type ${typeof value}`);
  }
  return document;
}

/** Options in JSON, which would turn a number that is none into nothing, and so into the default. */
function toOptions(options: object): string {
  return JSON.stringify(options, (name, value: unknown) => {
    if (typeof value === "number" && !Number.isFinite(value)) {
      throw invalidInput(name, `${name} must be a number, and it is ${value}`);
    }
    return value;
  });
}

function many(concurrency = 4): number {
  if (!Number.isInteger(concurrency) || concurrency < 1) {
    throw invalidInput("concurrency", "one call at least must be under way");
  }
  return concurrency;
}

function nothing(): void {}

function outcomes<Raw, T>(convert: (raw: Raw) => T, caller: { stack?: string }) {
  type Item = { ok: Raw; error?: undefined } | { ok?: undefined; error: Parameters<typeof errorOf>[0] };
  return (items: Item[]): Outcome<T>[] =>
    items.map((item) => (item.error ? { error: errorOf(item.error, caller) } : { ok: convert(item.ok as Raw) }));
}
