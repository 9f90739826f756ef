import type { Readable } from "node:stream";

import type { PinningError } from "./errors.js";
import type { verify } from "./local.js";
import type { Pin } from "./pin.js";

/** A local path, or a `file:` URL. */
export type Path = string | URL;

/** Bytes in memory. */
export type Bytes = Uint8Array | ArrayBuffer;

/** An array or any other iterable, except a string or a `Uint8Array`. */
export type Collection<T> = Iterable<T> & object;

/** The files of a folder in memory, by their paths in it, or each by its own name. */
export type Files = Readonly<Record<string, Bytes | Blob>> | ReadonlyMap<string, Bytes | Blob> | Collection<File>;

/** A folder: its path, or its files in memory. */
export type Folder = Path | Files;

/** A file or folder: its path, a file's bytes, or a folder's files in memory. */
export type Content = Path | Bytes | Blob | Files;

/** Content that is produced while it is sent. */
export type Stream = Blob | Readable | ReadableStream<Uint8Array> | AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

/** Key-values, both texts. */
export type KeyValues = Readonly<Record<string, string>> | ReadonlyMap<string, string>;

/** The keys of an account. */
export interface Credentials {
  /** The API key. */
  readonly apiKey: string;
  /** The secret key. */
  readonly secretKey: string;
}

/** A path with its own name and key-values. */
export interface FileItem {
  /** The path of a file or folder. */
  readonly path: Path;
  /** The name shown in listings, overriding that of the batch. */
  readonly name?: string | undefined;
  /** Key-values in addition to those of the batch. */
  readonly keyvalues?: KeyValues | undefined;
}

/** A CID with its own name and key-values. */
export interface CidItem {
  /** The CID of the content's root. */
  readonly cid: string;
  /** The name shown in listings, overriding that of the batch. */
  readonly name?: string | undefined;
  /** Key-values in addition to those of the batch. */
  readonly keyvalues?: KeyValues | undefined;
}

/** Called with the progress. An error that it throws or rejects with stops the call. */
export type OnProgress = (progress: Progress) => unknown;

/** Called with the progress of a fetch. An error that it throws or rejects with stops the call. */
export type OnFetchProgress = (progress: FetchProgress) => unknown;

/** Requests a minute, or no limit. */
export type RateLimit = number | "unlimited";

/**
 * How much proof is required.
 *
 * `off`: No CID is computed. `report`: The pin reports what was proved. `require`: Anything but a proof is an error.
 */
export type Verify = "off" | "report" | "require";

/**
 * What to do with symbolic links.
 *
 * `refuse`: A symbolic link is an error. `follow`: Links are replaced by what they point to. `skip`: Links are left
 * out. `preserve`: Links stay links; an upload can't carry them.
 */
export type Symlinks = "refuse" | "follow" | "skip" | "preserve";

/**
 * What to do with symbolic links.
 *
 * `inside`: Links within the folder are created; one that leads out of it is an error. `all`: All links are created,
 * wherever they lead. `skip`: No links are created.
 */
export type SymlinkPolicy = "inside" | "all" | "skip";

/**
 * Which pins to list.
 *
 * `all`: All pins. `pinned`: Pins whose content is currently pinned. `unpinned`: Pins whose content isn't pinned, or
 * isn't
 * pinned yet.
 */
export type Pinned = "all" | "pinned" | "unpinned";

/**
 * The field to sort by.
 *
 * `created_at`: When the pin was created. `size`: The size in bytes, as the service accounts for it. `name`: The name.
 */
export type SortBy = "created_at" | "size" | "name";

/**
 * The direction to sort in.
 *
 * `asc`: Smallest, oldest or alphabetically first comes first. `desc`: Largest, newest or alphabetically last comes
 * first.
 */
export type SortOrder = "asc" | "desc";

/**
 * How files are imported, which determines their CIDs.
 *
 * `unixfs-v0-2015`: IPIP-0499's unixfs-v0-2015: CIDv0, chunks of 256 KiB. `unixfs-v1-2025`: IPIP-0499's unixfs-v1-2025:
 * CIDv1, chunks of 1 MiB. `kubo-cidv1-legacy`: What `ipfs add --cid-version=1` does: CIDv1, chunks of 256 KiB.
 */
export type Profile = "unixfs-v0-2015" | "unixfs-v1-2025" | "kubo-cidv1-legacy";

/** The status of a pin. Unknown words are kept. */
export type PinStatus = "PENDING" | "RETRIEVAL" | "DONE" | (string & {});

/** What was proved about a pin's content. */
export interface Verification {
  /**
   * `verified`, `mismatch`, `unproved` or `unchecked`.
   *
   * `verified`: the service's CID is that of the bytes that were sent. `mismatch`: the service pinned something else.
   * `unproved`: no known profile gives that CID, which may be the same content in another layout; {@link verify} proves
   * or refutes it. `unchecked`: no CID was computed.
   */
  readonly result: "verified" | "mismatch" | "unproved" | "unchecked";
  /** The UnixFS profile that proved it. */
  readonly profile?: string;
  /** The CID of the bytes that were sent, if it differs from the service's. */
  readonly computedCid?: string;
}

/** One page of the account's pins. */
export interface Page {
  /** The pins, in the requested order. */
  readonly pins: readonly Pin[];
  /** Totals over all pages. */
  readonly totals: Totals;
  /** Entries that can't be read as pins. */
  readonly unreadable: readonly UnreadablePin[];
}

/** An entry of a listing that can't be read as a pin. */
export interface UnreadablePin {
  /** Its position in the listing, counted from 0. */
  readonly position: number;
  /** Its id, if it can be read. */
  readonly id?: string;
  /** Why it can't be read. */
  readonly reason: string;
}

/** Totals over all pages, as far as the service returns them. */
export interface Totals {
  /** The number of pins. */
  readonly files?: number;
  /** The size in bytes, as the service accounts for it. */
  readonly size?: number;
}

/** The progress of an upload or a batch. */
export interface Progress {
  /** The bytes of content sent so far; never decreases. */
  readonly bytesSent: number;
  /** The total bytes of content, if known. */
  readonly bytesTotal?: number;
  /** The file being sent. */
  readonly file?: string;
  /** The items of a batch that have completed or failed. */
  readonly itemsDone: number;
  /** The number of items in a batch; 1 for a single upload. */
  readonly itemsTotal: number;
}

/** What an upload would send, and the CID that it would have. */
export interface UploadPreview {
  /** The CID of the root. */
  readonly cid: string;
  /** The bytes of content. */
  readonly size: number;
  /** The files, in the order in which they are sent. */
  readonly files: readonly PreviewedFile[];
}

/** A file that would be sent. */
export interface PreviewedFile {
  /** The name sent to the service. */
  readonly name: string;
  /** The bytes of content. */
  readonly size: number;
}

/** The result of a proof. */
export interface Proof {
  /** The number of files compared. */
  readonly files: number;
  /** The bytes of content compared, each covered by a verified digest. */
  readonly bytes: number;
  /** The number of blocks fetched. */
  readonly blocksFetched: number;
}

/** The root of local content. */
export interface Root {
  /** The CID of the root. */
  readonly cid: string;
  /** The bytes of content. */
  readonly size: number;
  /** The bytes of all blocks; a block that is linked twice counts twice. */
  readonly dagSize: number;
}

/** A packed CAR file. */
export interface PackedCar {
  /** The CID of the root. */
  readonly cid: string;
  /** The number of distinct blocks. */
  readonly blocks: number;
  /** The size of the CAR in bytes. */
  readonly bytes: number;
}

/**
 * The target of a path: a file, a folder, a symbolic link, or a block of a format that isn't a file, such as DAG-CBOR,
 * which is read as raw bytes. An entry of a folder is `"unavailable"` if no gateway has its block, which determines
 * its kind.
 */
export type NodeKind = "file" | "folder" | "symlink" | "block" | "unavailable";

/** The target of a path. */
export interface Node {
  /** Its CID. */
  readonly cid: string;
  /** The kind of the node. */
  readonly kind: NodeKind;
  /** The bytes of a file's content. */
  readonly size?: number;
  /** Where a symbolic link points. */
  readonly target?: string;
}

/** An entry of a folder. */
export interface FolderEntry {
  /**
   * The name. It is chosen by the creator of the folder: it is never empty, `.` or `..` and contains no `/`, but
   * may contain anything else.
   */
  readonly name: string;
  /** Its CID. */
  readonly cid: string;
  /** The kind of the node. */
  readonly kind: NodeKind;
  /** The bytes of a file's content. */
  readonly size?: number;
  /** Where a symbolic link points. */
  readonly target?: string;
}

/** The result of a fetch. */
export interface Fetched {
  /** The CID of the fetched content. */
  readonly cid: string;
  /** The files. */
  readonly files: number;
  /** The bytes of content. */
  readonly bytes: number;
  /** The bytes of content fetched from gateways. */
  readonly bytesFetched: number;
}

/**
 * The outcome of a sync. `unchanged`: The newest deploy has this content, and nothing was sent. `pinned`: The content
 * was sent and pinned.
 */
export type SyncOutcome = "unchanged" | "pinned";

/** What a sync has done or, in a dry run, would do. */
export interface Synced {
  /** Whether the content was uploaded. */
  readonly outcome: SyncOutcome;
  /** The CID to publish: that of the pin, or of the local content in a dry run. */
  readonly cid: string;
  /** The contenthash (EIP-1577) of an ENS name for this CID. */
  readonly contenthash: string;
  /** The DNSLink record for this CID. */
  readonly dnslink: string;
  /** The pin of the content; absent if a dry run would create it. */
  readonly pin?: Pin;
  /** The ids of the deploys that were removed. */
  readonly removed: readonly string[];
  /** The deploys that stay pinned, newest first. */
  readonly kept: readonly Pin[];
  /** The ids of older deploys that are left for the next sync to remove. */
  readonly postponed: readonly string[];
}

/** The progress of a fetch. */
export interface FetchProgress {
  /** The bytes of content on disk. */
  readonly bytes: number;
  /** The total bytes of content, when a single file is fetched. */
  readonly bytesTotal?: number;
  /** The number of complete files. */
  readonly files: number;
}

/** The result of one item of a batch: `ok` or `error`. */
export type Outcome<T> =
  | {
      /** What the call returned. */
      readonly ok: T;
      /** Absent, because the call succeeded. */
      readonly error?: undefined;
    }
  | {
      /** Absent, because the call failed. */
      readonly ok?: undefined;
      /** Why the call failed. */
      readonly error: PinningError;
    };

/** The result of a completed call of a batch. */
export type Completed<T> = Outcome<T> & {
  /** The index of the item, counted from 0. */
  readonly index: number;
};
