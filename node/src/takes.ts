import {
  collection,
  count,
  fields,
  flag,
  isMap,
  milliseconds,
  object,
  pairs,
  rateLimit,
  refuseUnknown,
  text,
  wrongType,
  type Reader,
} from "./arguments.js";
import { toBytes } from "./content.js";

/** @internal The options that an operation takes, and how each is read. */
export type Takes = Record<string, Reader>;

const texts = collection("strings", text);

const retry = object("an object, such as { attempts: 3 }", {
  attempts: count,
  baseDelayMs: milliseconds,
  maxDelayMs: milliseconds,
  budgetMs: milliseconds,
});

/** @internal The options of every call. */
export const CALL: Takes = { signal };
const CALLS_OWN = { timeoutMs: milliseconds, retry };
const METADATA = { name: text, keyvalues: pairs };
const UPLOAD = { ...METADATA, profile: text, verify: text, markAttempt: flag };
const PIN = { ...UPLOAD, skipIfPinned: flag, onProgress: listener, ...CALLS_OWN, ...CALL };
const FILE = { fileName: text, contentType: text };
const WALK = { hidden: flag, symlinks: text, include: texts, exclude: texts, gitignore: flag };
const BATCH = { concurrency: count };

/** @internal */
export const PIN_CAR: Takes = PIN;
/** @internal */
export const PIN_FILE: Takes = { ...PIN, ...FILE };
/** @internal */
export const PIN_STREAM: Takes = { ...PIN_FILE, length: count };
/** @internal */
export const PIN_FOLDER: Takes = { ...PIN, ...WALK };
/** @internal */
export const SYNC_FOLDER: Takes = {
  keep: count,
  keyvalues: pairs,
  profile: text,
  checkGateways: texts,
  dryRun: flag,
  deadlineMs: milliseconds,
  onProgress: listener,
  ...WALK,
  ...CALLS_OWN,
  ...CALL,
};
/** @internal */
export const PIN_PATH: Takes = { ...PIN_FILE, ...WALK };
/** @internal */
export const PIN_FILES: Takes = { ...PIN_PATH, ...BATCH };
/** @internal */
export const PIN_BY_CID: Takes = { ...METADATA, skipIfPinned: flag, ...CALLS_OWN, ...CALL };
/** @internal */
export const PIN_CIDS: Takes = { ...PIN_BY_CID, ...BATCH };
/** @internal */
export const UNPIN_MANY: Takes = { ...BATCH, ...CALL };
/** @internal */
export const LIST: Takes = {
  offset: count,
  limit: count,
  pinned: text,
  sortBy: text,
  sortOrder: text,
  keyvalues: pairs,
  ...CALL,
};
/** @internal */
export const WAIT: Takes = { deadlineMs: milliseconds, firstDelayMs: milliseconds, maxDelayMs: milliseconds, ...CALL };
/** @internal */
export const PREPARE: Takes = { ...UPLOAD, ...FILE, ...WALK, ...CALL };
/** @internal */
export const CID: Takes = { profile: text, emptyFolders: flag, ...WALK, ...CALL };
/** @internal */
export const PREVIEW: Takes = { name: text, profile: text, ...WALK, ...CALL };
/** @internal */
export const VERIFY: Takes = { gateway: text, ...WALK, ...CALL };
/** @internal */
export const READ: Takes = { start: count, end: count, mostBytes: count, ...CALL };
/** @internal */
export const FETCH: Takes = {
  overwrite: flag,
  ...BATCH,
  symlinks: text,
  mostBytes: count,
  mostEntries: count,
  onProgress: listener,
  ...CALL,
};
/** @internal */
export const RETRIEVER: Takes = {
  environment: flag,
  gateways: texts,
  connectTimeoutMs: milliseconds,
  idleTimeoutMs: milliseconds,
  callTimeoutMs: milliseconds,
  retry,
  proxy: text,
  noProxy: flag,
  rootCertificatesPem: (name, value) =>
    typeof value === "string" ? text(name, value) : Buffer.from(toBytes(name, value, "PEM as a string or bytes")).toString("latin1"),
  platformRoots: flag,
  userAgent: text,
};
/** @internal */
export const CLIENT: Takes = {
  credentials: object("an object, as { apiKey, secretKey }", { apiKey: text, secretKey: text }),
  token: text,
  api: text,
  endpoint: text,
  insecureHttp: flag,
  profile: text,
  rateLimit,
  ...RETRIEVER,
};

/** @internal A listener, of whichever progress. */
export type Listener = (progress: unknown) => unknown;

/** @internal Options that were read. Those that aren't JSON are apart. */
export interface Read {
  signal?: AbortSignal | undefined;
  onProgress?: Listener | undefined;
  json: Record<string, unknown>;
}

/** @internal Reads the options of an operation. One that is null or undefined is as good as left out. */
export function read(operation: string, given: unknown, takes: Takes): Read {
  if (given === undefined || given === null) {
    return { json: {} };
  }
  if (typeof given !== "object" || Array.isArray(given) || isMap(given)) {
    throw wrongType("options", "an object", given);
  }
  const { signal, onProgress, ...json } = fields(given, takes);
  refuseUnknown(`${operation}() takes no`, "option", given, takes);
  return { signal: signal as AbortSignal, onProgress: onProgress as Listener, json };
}

function signal(name: string, value: unknown): AbortSignal {
  const signal = value as Partial<AbortSignal> | null;
  if (typeof signal === "object" && typeof signal?.aborted === "boolean" && typeof signal.addEventListener === "function") {
    return value as AbortSignal;
  }
  const isController = typeof value === "object" && value !== null && "signal" in value;
  throw wrongType(name, "an AbortSignal", value, isController ? "give controller.signal" : undefined);
}

function listener(name: string, value: unknown): Listener {
  if (typeof value !== "function") {
    throw wrongType(name, "a function of one argument", value);
  }
  return value as Listener;
}
