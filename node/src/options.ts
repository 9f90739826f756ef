import type { Client } from "./client.js";
import type { computeCid, packCar, previewUpload, verify } from "./local.js";
import type { RetrieverOptions } from "./retriever-options.js";
import type {
  Collection,
  Credentials,
  KeyValues,
  OnProgress,
  Pinned,
  Profile,
  RateLimit,
  SortBy,
  SortOrder,
  Symlinks,
  Verify,
} from "./types.js";

/** The options of every call. */
export interface CallOptions {
  /**
   * Stops the call: it rejects with the signal's reason, and its connection is closed. `AbortSignal.timeout(10_000)` is
   * one that stops it after ten seconds.
   */
  signal?: AbortSignal | undefined;
}

/** The retry policy of calls. */
export interface RetryPolicy {
  /**
   * The maximum number of attempts, at least 1.
   *
   * @defaultValue 5
   */
  attempts?: number | undefined;
  /**
   * The longest delay before the second attempt, which doubles with each further one; half a second unless set. In
   * milliseconds.
   *
   * @defaultValue 500
   */
  baseDelayMs?: number | undefined;
  /**
   * The longest delay before any attempt; 30 seconds unless set. In milliseconds.
   *
   * @defaultValue 30000
   */
  maxDelayMs?: number | undefined;
  /**
   * How long after the start of the call a new attempt may begin; 2 minutes unless set. In milliseconds.
   *
   * @defaultValue 120000
   */
  budgetMs?: number | undefined;
}

/** The settings of a client. */
export interface ClientOptions extends RetrieverOptions {
  /** The account's API key and secret key. */
  credentials?: Credentials | undefined;
  /** The access token for the API pinning-service, in place of the keys. */
  token?: string | undefined;
  /** The API that the service speaks: w3ipfs, or pinning-service, which pins by CID and has no uploads. */
  api?: string | undefined;
  /** The service: a URL, or attoaioz, w3ipfs-storage, w3ipfs or aiozpin. */
  endpoint?: string | undefined;
  /**
   * Whether to allow sending keys over plain HTTP to another machine.
   *
   * @defaultValue false
   */
  insecureHttp?: boolean | undefined;
  /** The UnixFS profile that the service uses. */
  profile?: Profile | undefined;
  /**
   * The maximum number of requests per minute; 180 unless set, unlimited for a service on this machine. `"unlimited"`
   * is no limit.
   */
  rateLimit?: RateLimit | undefined;
}

/** The options of an upload. */
export interface UploadOptions {
  /** The name shown in listings; the service uses the file's own unless set. */
  name?: string | undefined;
  /** Key-values to find the pin by; keys and values are strings. */
  keyvalues?: KeyValues | undefined;
  /** The UnixFS profile that the service is expected to use; the client's unless set. */
  profile?: Profile | undefined;
  /**
   * How much proof to require that the service pinned what was sent.
   *
   * @defaultValue "report"
   */
  verify?: Verify | undefined;
  /**
   * Whether to mark the pin with the key-value w3pin.attempt, by which it is found again if the response is lost.
   *
   * @defaultValue true
   */
  markAttempt?: boolean | undefined;
}

/** The options of an upload. */
export interface PinOptions extends UploadOptions, CallOptions {
  /**
   * Whether to send nothing and return the existing pin if the account has already pinned the content.
   *
   * @defaultValue false
   */
  skipIfPinned?: boolean | undefined;
  /** Called with the progress, at most ten times a second and once at the end. */
  onProgress?: OnProgress | undefined;
  /** The time limit of the whole call, retries included; none unless set. In milliseconds. */
  timeoutMs?: number | undefined;
  /** The retry policy of this call; the client's unless set. */
  retry?: RetryPolicy | undefined;
}

/** The options of a single file. */
export interface FileOptions {
  /** The file name sent to the service, for a single file; its own unless set. */
  fileName?: string | undefined;
  /** The media type sent to the service, for a single file, such as image/png. */
  contentType?: string | undefined;
}

/** Which files of a folder count. */
export interface WalkOptions {
  /**
   * Whether to include hidden files and folders, whose names start with a dot.
   *
   * @defaultValue false
   */
  hidden?: boolean | undefined;
  /**
   * What to do with symbolic links in a folder. Uploads and previews refuse them unless set; `computeCid` and `verify`
   * preserve them.
   */
  symlinks?: Symlinks | undefined;
  /** Patterns of the files to include, in .gitignore syntax; all files unless set. */
  include?: Collection<string> | undefined;
  /** Patterns of files and folders to leave out, in .gitignore syntax. */
  exclude?: Collection<string> | undefined;
  /**
   * Whether to leave out what the folder's .gitignore files name.
   *
   * @defaultValue false
   */
  gitignore?: boolean | undefined;
}

/** The options of {@link Client.pinCar}. */
export interface PinCarOptions extends PinOptions {
}

/** The options of {@link Client.pinFile}, {@link Client.pinBytes} and {@link Client.pinJson}. */
export interface PinFileOptions extends PinOptions, FileOptions {
}

/** The options of {@link Client.pinStream}. */
export interface PinStreamOptions extends PinFileOptions {
  /** The number of bytes in the stream, if known; any other number is an error. */
  length?: number | undefined;
}

/** The options of {@link Client.pinFolder}. */
export interface PinFolderOptions extends PinOptions, WalkOptions {
}

/** The options of {@link Client.syncFolder}. */
export interface SyncFolderOptions extends WalkOptions, CallOptions {
  /**
   * How many deploys to keep, including the newest; at least 1.
   *
   * @defaultValue 3
   */
  keep?: number | undefined;
  /** Key-values of the pin, in addition to those that mark it as a deploy. */
  keyvalues?: KeyValues | undefined;
  /** The UnixFS profile that the service is expected to use; the client's unless set. */
  profile?: Profile | undefined;
  /** The gateways that must serve the root and random blocks before anything is removed. */
  checkGateways?: Collection<string> | undefined;
  /**
   * Whether to send and remove nothing, and only report what would be.
   *
   * @defaultValue false
   */
  dryRun?: boolean | undefined;
  /**
   * How long to wait for the pin, and then for each gateway; 10 minutes unless set. In
   * milliseconds.
   *
   * @defaultValue 600000
   */
  deadlineMs?: number | undefined;
  /** Called with the progress, at most ten times a second and once at the end. */
  onProgress?: OnProgress | undefined;
  /** The time limit of the whole call, retries included; none unless set. In milliseconds. */
  timeoutMs?: number | undefined;
  /** The retry policy of the upload; the client's unless set. */
  retry?: RetryPolicy | undefined;
}

/** The options of {@link Client.pinPath}. */
export interface PinPathOptions extends PinFileOptions, WalkOptions {
}

/** The options of {@link Client.pinByCid}. */
export interface PinByCidOptions extends CallOptions {
  /** The name shown in listings. */
  name?: string | undefined;
  /** Key-values to find the pin by; keys and values are strings. */
  keyvalues?: KeyValues | undefined;
  /**
   * Whether to return the existing pin if the account has already pinned the content.
   *
   * @defaultValue false
   */
  skipIfPinned?: boolean | undefined;
  /**
   * The time limit of the whole call, retries included; the client's call timeout unless set. In
   * milliseconds.
   */
  timeoutMs?: number | undefined;
  /** The retry policy of this call; the client's unless set. */
  retry?: RetryPolicy | undefined;
}

/** The options of a batch. */
export interface BatchOptions {
  /**
   * How many calls to run at a time; at least 1.
   *
   * @defaultValue 4
   */
  concurrency?: number | undefined;
}

/** The options of {@link Client.pinFiles} and {@link Client.pinFilesAsCompleted}. */
export interface PinFilesOptions extends PinPathOptions, BatchOptions {
}

/** The options of {@link Client.pinCids} and {@link Client.pinCidsAsCompleted}. */
export interface PinCidsOptions extends PinByCidOptions, BatchOptions {
}

/** The options of {@link Client.unpinMany} and {@link Client.unpinManyAsCompleted}. */
export interface UnpinManyOptions extends CallOptions, BatchOptions {
}

/** Which pins to list. */
export interface ListOptions extends CallOptions {
  /**
   * How many pins to skip.
   *
   * @defaultValue 0
   */
  offset?: number | undefined;
  /** The maximum number of pins in a page, at least 1: 10 unless set, or 100 when all pages are read. */
  limit?: number | undefined;
  /**
   * Which pins to list.
   *
   * @defaultValue "all"
   */
  pinned?: Pinned | undefined;
  /**
   * The field to sort by.
   *
   * @defaultValue "created_at"
   */
  sortBy?: SortBy | undefined;
  /**
   * The direction to sort in.
   *
   * @defaultValue "desc"
   */
  sortOrder?: SortOrder | undefined;
  /** List only pins that have all of these key-values. */
  keyvalues?: KeyValues | undefined;
}

/** How long to wait for a pin, and how often to check. */
export interface WaitOptions extends CallOptions {
  /**
   * How long to wait in total; 10 minutes unless set. In milliseconds.
   *
   * @defaultValue 600000
   */
  deadlineMs?: number | undefined;
  /**
   * The delay between the first two checks, which grows by half with each further one; 1 second unless set. In
   * milliseconds.
   *
   * @defaultValue 1000
   */
  firstDelayMs?: number | undefined;
  /**
   * The longest delay between two checks; 30 seconds unless set. In milliseconds.
   *
   * @defaultValue 30000
   */
  maxDelayMs?: number | undefined;
}

/** The options of {@link Client.prepareUpload}. */
export interface PrepareOptions extends UploadOptions, FileOptions, WalkOptions, CallOptions {
}

/** The options of {@link computeCid} and {@link packCar}. */
export interface CidOptions extends WalkOptions, CallOptions {
  /**
   * The UnixFS profile to compute the CID under.
   *
   * @defaultValue "kubo-cidv1-legacy"
   */
  profile?: Profile | undefined;
  /**
   * Whether to include empty folders; an upload can't carry them, so its CID is the one without them.
   *
   * @defaultValue true
   */
  emptyFolders?: boolean | undefined;
}

/** The options of {@link previewUpload}. */
export interface PreviewOptions extends WalkOptions, CallOptions {
  /** The name of the pin, and of a folder in memory. */
  name?: string | undefined;
  /**
   * The UnixFS profile to compute the CID under.
   *
   * @defaultValue "kubo-cidv1-legacy"
   */
  profile?: Profile | undefined;
}

/** The options of {@link verify}. */
export interface VerifyOptions extends WalkOptions, CallOptions {
  /**
   * The gateway to fetch blocks from, which learns the CID and needn't be trusted: unless set, the endpoint if it is on
   * this machine, or https://trustless-gateway.link.
   */
  gateway?: string | undefined;
}
