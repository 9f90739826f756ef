import { wrongType } from "./arguments.js";
import { invalidInput } from "./translate.js";

/** What the native module keeps of one. */
interface Kept {
  method: string;
  url: string;
  body: string;
  content_length: number;
  cid: string;
  upload: object;
}

/** The types of what is kept. */
const TYPES: Record<keyof Kept, string> = {
  method: "string",
  url: "string",
  body: "string",
  content_length: "number",
  cid: "string",
  upload: "object",
};

/**
 * A request to be sent by another HTTP stack, and what is needed to check its response.
 *
 * It can be stored with `JSON.stringify` until the response arrives, even in another run of the program. The headers
 * are then omitted, since they contain the account's keys.
 */
export class PreparedUpload {
  /** The HTTP method, POST. */
  readonly method: string;
  /** The URL to send it to. */
  readonly url: string;
  /** The headers to send, which include the account's keys. */
  declare readonly headers: Readonly<Record<string, string>>;
  /** The path of the file to send as the body. */
  readonly body: string;
  /** The length of the body in bytes. */
  readonly contentLength: number;
  /** The CID that the service is expected to return. */
  readonly cid: string;
  readonly #kept: Kept;

  /** @internal */
  constructor(kept: Kept, headers: Record<string, string>) {
    this.#kept = kept;
    this.method = kept.method;
    this.url = kept.url;
    this.body = kept.body;
    this.contentLength = kept.content_length;
    this.cid = kept.cid;
    // Nothing that prints or copies the whole gets the keys.
    Object.defineProperty(this, "headers", { value: headers, enumerable: false });
  }

  /**
   * Restores a stored upload, from text or a parsed object.
   *
   * @throws {@link InvalidInputError} if it isn't a prepared upload.
   */
  static fromJSON(kept: unknown): PreparedUpload {
    let read: unknown = kept;
    try {
      read = typeof kept === "string" ? JSON.parse(kept) : kept;
    } catch (cause) {
      throw invalidInput("kept", "this isn't a prepared upload: it isn't JSON", { cause });
    }
    if (typeof read !== "object" || read === null) {
      throw wrongType("kept", "a prepared upload as JSON", read);
    }
    const wrong = Object.entries(TYPES).find(([field, type]) => !isOf(type, (read as Record<string, unknown>)[field]));
    if (wrong) {
      throw invalidInput("kept", `this isn't a prepared upload: its ${wrong[0]} is missing or of the wrong type`);
    }
    return new PreparedUpload(read as Kept, {});
  }

  /** What is needed to judge the response. */
  toJSON(): object {
    return this.#kept;
  }
}

function isOf(type: string, value: unknown): boolean {
  // The one number is a count of bytes.
  return typeof value === type && value !== null && (type !== "number" || (Number.isSafeInteger(value) && Number(value) >= 0));
}

/** @internal */
export function toPrepared(raw: { kept: string; headers: Record<string, string> }): PreparedUpload {
  return new PreparedUpload(JSON.parse(raw.kept) as Kept, raw.headers);
}

/** @internal What is kept of the argument of this name. */
export function keptOf(name: string, value: unknown): string {
  if (!(value instanceof PreparedUpload)) {
    throw wrongType(name, "a PreparedUpload", value, "PreparedUpload.fromJSON makes one of what was kept");
  }
  return JSON.stringify(value);
}
