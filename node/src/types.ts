import type { Readable } from "node:stream";

/** How far the service is with a pin. Statuses that aren't known are kept as they came. */
export type PinStatus = "PENDING" | "RETRIEVAL" | "DONE" | (string & {});

/** What is proved of a pin. */
export interface Verification {
  /**
   * `verified`: the service's CID is that of the bytes sent. `mismatch`: it certainly isn't. `unproved`: no known
   * profile gives it; {@link Client.verify} proves or refutes it. `unchecked`: nothing was compared.
   */
  readonly result: "verified" | "mismatch" | "unproved" | "unchecked";
  /** The profile that proved it. */
  readonly profile: string | null;
  /** The CID of the bytes sent, where it isn't the service's. */
  readonly computedCid: string | null;
}

/** Content that the service keeps, or is asked to keep, for the account. */
export interface Pin {
  /** What {@link Client.getPin} and {@link Client.unpin} take. */
  readonly id: string;
  /** The root of the content, in the form the service writes it. */
  readonly cid: string;
  /** The name that listings show. */
  readonly name: string | null;
  /** Bytes that the service accounts for. This isn't the file's length. */
  readonly size: number | null;
  /** How far the service is. */
  readonly status: PinStatus;
  /** Whether the content is pinned now. */
  readonly pinned: boolean;
  /** Whether it was pinned by its CID rather than uploaded. */
  readonly isPinByHash: boolean;
  /** Whether it is a folder. */
  readonly isDir: boolean;
  /** When it was pinned. */
  readonly datePinned: Date | null;
  /** When it was unpinned. */
  readonly dateUnpinned: Date | null;
  /** The caller's own pairs. */
  readonly keyvalues: Readonly<Record<string, string>>;
  /** What kind of file the service takes it for. */
  readonly fileType: string | null;
  /** How far the service is with the blocks below the root. */
  readonly subHashStatus: PinStatus | null;
  /** The service's record of the content. */
  readonly fileRecordId: string | null;
  /** The service's own hash of the content. It isn't reliably the CID's. */
  readonly rootHash: string | null;
  /** The account. */
  readonly userId: string | null;
  /** Whether this pin was there before the call that returned it. */
  readonly alreadyPinned: boolean;
  /** What was proved of the content by the call that returned it. */
  readonly verification: Verification;
}

/** Sums over all pages, as far as the service tells them. */
export interface Totals {
  /** Number of pins. */
  readonly files: number | null;
  /** Bytes that the service accounts for. */
  readonly size: number | null;
}

/** One page of the account's pins. */
export interface Page {
  /** The pins, in the order asked for. */
  readonly pins: readonly Pin[];
  /** What the service counts over all pages. */
  readonly totals: Totals;
}

/** How far an upload is. */
export interface Progress {
  /** Bytes of content that were given to the connection. It never falls. */
  readonly bytesSent: number;
  /** Bytes of content in all, where that is known. */
  readonly bytesTotal: number | null;
  /** The file being sent, as the service gets to know it. */
  readonly file: string | null;
}

/** The root of local content. */
export interface Root {
  /** Its CID. */
  readonly cid: string;
  /** Bytes of content. */
  readonly size: number;
  /** Bytes of all blocks. */
  readonly dagSize: number;
}

/** A finished proof, and what it took. */
export interface Proof {
  /** Files that were compared. */
  readonly files: number;
  /** Bytes of their content, all of which were compared. */
  readonly bytes: number;
  /** Blocks that were fetched. */
  readonly blocksFetched: number;
}

/** How stubborn a client is. Times are in milliseconds. */
export interface RetryPolicy {
  /** Tries in all, the first one included; 5 unless set. */
  attempts?: number;
  /** The longest wait before the second try; it doubles with every further one. 500 unless set. */
  baseDelayMs?: number;
  /** The longest wait before any try; 30,000 unless set. */
  maxDelayMs?: number;
  /** No try begins later than this after the call began; 120,000 unless set. */
  budgetMs?: number;
}

/** A client's settings. What isn't set comes from the environment, then the config file, then a default. */
export interface ClientOptions {
  /** The account's keys. Unless set, `W3PIN_API_KEY` and `W3PIN_SECRET_KEY`, or the config file. */
  credentials?: { apiKey: string; secretKey: string };
  /** A URL, or `attoaioz`, `w3ipfs-storage`, `w3ipfs` or `aiozpin`. Unless set, `W3PIN_ENDPOINT`. */
  endpoint?: string;
  /** Allows plain http to other machines, which anyone on the way can read. */
  insecureHttp?: boolean;
  /** The layout in which the service imports files; `kubo-cidv1-legacy` unless set. */
  profile?: string;
  /** Milliseconds until there is a connection; 10,000 unless set. */
  connectTimeoutMs?: number;
  /** Milliseconds in which a request or its answer gets no further; 60,000 unless set. */
  idleTimeoutMs?: number;
  /** Milliseconds for a whole call with all its tries; 60,000 unless set. Uploads aren't limited by it. */
  callTimeoutMs?: number;
  /** How often calls are tried. */
  retry?: RetryPolicy;
  /** Requests a minute; 0 is no limit. Unless set, the service's own limit, and none on this machine. */
  pacing?: number;
  /** Sends every request through this proxy: `http://`, `https://`, `socks5://` or `socks5h://`. */
  proxy?: string;
  /** Sends no request through a proxy, whatever the environment says. */
  noProxy?: boolean;
  /** Trusts these root certificates too, one or more in PEM. */
  rootCertificatesPem?: string;
  /** Trusts the operating system's root certificates instead of Mozilla's, which come along. */
  platformRoots?: boolean;
  /** The name that the service sees. */
  userAgent?: string;
}

/** What every call takes. */
export interface CallOptions {
  /** Stops the call: it rejects with the signal's reason, and the connection is closed. */
  signal?: AbortSignal;
  /** Milliseconds after which the call is stopped with a {@link RequestTimeoutError}. */
  timeoutMs?: number;
}

/** How content that is on IPFS already is pinned. */
export interface PinByCidOptions extends CallOptions {
  /** The name that listings show. */
  name?: string;
  /** Pairs to find the pin by. */
  keyvalues?: Record<string, string>;
  /** Answers a pin of this content that the account has already. */
  skipIfPinned?: boolean;
  /** How often the call is tried; the client's unless set. */
  retry?: RetryPolicy;
}

/** How content is pinned by sending it. */
export interface PinOptions extends PinByCidOptions {
  /** The layout that the service is expected to use; the client's unless set. */
  profile?: string;
  /** How much proof is needed that the service pinned what was sent; `report` unless set. */
  verify?: "off" | "report" | "require";
  /** Told how far the upload is, at most ten times a second and once at its end. */
  onProgress?: (progress: Progress) => void;
}

/** How a folder, or whatever is at a path, is pinned. */
export interface PinFolderOptions extends PinOptions {
  /** Sends hidden files and folders, whose names begin with a dot, too. */
  hidden?: boolean;
  /** What becomes of symbolic links; `refuse` unless set. */
  symlinks?: "refuse" | "follow" | "skip";
}

/** Which pins to list. */
export interface ListOptions extends CallOptions {
  /** How many pins to pass over. */
  offset?: number;
  /** How many pins a page holds at most; 10 unless set. */
  limit?: number;
  /** Which pins; `all` unless set. */
  pinned?: "all" | "pinned" | "unpinned";
  /** What to sort by; `created_at` unless set. */
  sortBy?: "created_at" | "size" | "name";
  /** Which way to sort; `desc` unless set. */
  sortOrder?: "asc" | "desc";
  /** Only pins that carry all of these pairs. */
  keyvalues?: Record<string, string>;
}

/** How long, and how often, to ask whether a pin is done. */
export interface WaitOptions extends CallOptions {
  /** Milliseconds to wait in all; 600,000 unless set. */
  deadlineMs?: number;
  /** Milliseconds between the first two looks; 1,000 unless set. It grows with every further one. */
  firstDelayMs?: number;
  /** The longest wait between two looks; 30,000 unless set. */
  maxDelayMs?: number;
}

/** How many are handled at once. */
export interface ManyOptions {
  /** Calls that are under way at any moment; 4 unless set. */
  concurrency?: number;
}

/** How the CID of local content is computed. */
export interface CidOptions {
  /** The layout; `kubo-cidv1-legacy` unless set. */
  profile?: string;
  /** Counts a folder's hidden files too. */
  hidden?: boolean;
  /** What becomes of symbolic links; `preserve` unless set. */
  symlinks?: "preserve" | "follow" | "skip" | "refuse";
}

/** Where blocks come from, and which entries of a folder count. */
export interface VerifyOptions extends CallOptions {
  /** The gateway to fetch blocks from. It needs no trust. */
  gateway?: string;
  /** Counts a folder's hidden files too. */
  hidden?: boolean;
  /** What becomes of symbolic links; `preserve` unless set. */
  symlinks?: "preserve" | "follow" | "skip" | "refuse";
}

/** Bytes in memory. */
export type Bytes = Uint8Array | ArrayBuffer;

/** Content that comes as it is made. */
export type Stream = Blob | Readable | ReadableStream<Uint8Array> | AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

/** What became of one of many. */
export type Outcome<T> = { readonly ok: T; readonly error?: undefined } | { readonly ok?: undefined; readonly error: Error };
