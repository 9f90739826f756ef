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

/** What every call takes. */
export interface CallOptions {
  /**
   * Stops the call: it rejects with the signal's reason, and its connection is closed. `AbortSignal.timeout(10_000)` is
   * one that stops it after ten seconds.
   */
  signal?: AbortSignal | undefined;
}

/** How often calls are tried. */
export interface RetryPolicy {
  /**
   * How many times a request is sent at most, at least 1.
   *
   * @defaultValue 5
   */
  attempts?: number | undefined;
  /**
   * The longest wait before the second attempt, which doubles with each further one; half a second unless set. In
   * milliseconds.
   *
   * @defaultValue 500
   */
  baseDelayMs?: number | undefined;
  /**
   * The longest wait before any attempt; 30 seconds unless set. In milliseconds.
   *
   * @defaultValue 30000
   */
  maxDelayMs?: number | undefined;
  /**
   * The time since the start of the call after which no attempt starts; 2 minutes unless set. In milliseconds.
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
  /** Where the service is: a URL, or attoaioz, w3ipfs-storage, w3ipfs or aiozpin. */
  endpoint?: string | undefined;
  /**
   * Whether keys may travel over plain http to another machine.
   *
   * @defaultValue false
   */
  insecureHttp?: boolean | undefined;
  /** The UnixFS profile by which the service imports files. */
  profile?: Profile | undefined;
  /**
   * How many requests are sent in a minute; 180 unless set, and no limit to this machine. `"unlimited"` is no limit.
   */
  rateLimit?: RateLimit | undefined;
}

/** What is said of an upload, whoever sends it. */
export interface UploadOptions {
  /** The name that listings show; the service uses the file's own unless set. */
  name?: string | undefined;
  /** Key-values to find the pin by; both are texts. */
  keyvalues?: KeyValues | undefined;
  /** The UnixFS profile by which the service is expected to import files; the client's unless set. */
  profile?: Profile | undefined;
  /**
   * How much proof is required that the service pinned what was sent.
   *
   * @defaultValue "report"
   */
  verify?: Verify | undefined;
  /**
   * Whether the pin gets a key-value, w3pin.attempt, by which it is recognised if the response is lost.
   *
   * @defaultValue true
   */
  markAttempt?: boolean | undefined;
}

/** How content is pinned by sending it. */
export interface PinOptions extends UploadOptions, CallOptions {
  /**
   * Whether content that the account has pinned already is left as it is, and nothing is sent.
   *
   * @defaultValue false
   */
  skipIfPinned?: boolean | undefined;
  /** Called with the progress, at most ten times a second and once at the end. */
  onProgress?: OnProgress | undefined;
  /** The time that the whole call may take, with all its attempts; no limit unless set. In milliseconds. */
  timeoutMs?: number | undefined;
  /** How often the call is tried; the client's policy unless set. */
  retry?: RetryPolicy | undefined;
}

/** What is said of a lone file. */
export interface FileOptions {
  /** What a lone file is called at the service; its own name unless set. */
  fileName?: string | undefined;
  /** The media type that the service is told of a lone file, such as image/png. */
  contentType?: string | undefined;
}

/** Which files of a folder count. */
export interface WalkOptions {
  /**
   * Whether hidden files and folders, whose names start with a dot, count.
   *
   * @defaultValue false
   */
  hidden?: boolean | undefined;
  /**
   * What happens to symbolic links in a folder. Uploads and previews refuse them unless set; `computeCid` and `verify`
   * preserve them.
   */
  symlinks?: Symlinks | undefined;
  /** Patterns of the only files that count, in the syntax of .gitignore; all do where there is none. */
  include?: Collection<string> | undefined;
  /** Patterns of files and folders that don't count, in the syntax of .gitignore. */
  exclude?: Collection<string> | undefined;
  /**
   * Whether what the folder's .gitignore files name is left out.
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
  /** How many bytes the stream gives, where that is known; any other number is an error. */
  length?: number | undefined;
}

/** The options of {@link Client.pinFolder}. */
export interface PinFolderOptions extends PinOptions, WalkOptions {
}

/** The options of {@link Client.syncFolder}. */
export interface SyncFolderOptions extends WalkOptions, CallOptions {
  /**
   * How many deploys are kept, the newest one included; at least 1.
   *
   * @defaultValue 3
   */
  keep?: number | undefined;
  /** Key-values of the pin, besides those that mark it as a deploy. */
  keyvalues?: KeyValues | undefined;
  /** The UnixFS profile by which the service is expected to import files; the client's unless set. */
  profile?: Profile | undefined;
  /** The gateways through which the root and random blocks are read back before anything is removed. */
  checkGateways?: Collection<string> | undefined;
  /**
   * Whether nothing is sent or removed, and the result says what would be.
   *
   * @defaultValue false
   */
  dryRun?: boolean | undefined;
  /**
   * The time to wait until the content is pinned, and then until each gateway serves it; 10 minutes unless set. In
   * milliseconds.
   *
   * @defaultValue 600000
   */
  deadlineMs?: number | undefined;
  /** Called with the progress, at most ten times a second and once at the end. */
  onProgress?: OnProgress | undefined;
  /** The time that the whole call may take, with all its attempts; no limit unless set. In milliseconds. */
  timeoutMs?: number | undefined;
  /** How often the upload is tried; the client's policy unless set. */
  retry?: RetryPolicy | undefined;
}

/** The options of {@link Client.pinPath}. */
export interface PinPathOptions extends PinFileOptions, WalkOptions {
}

/** The options of {@link Client.pinByCid}. */
export interface PinByCidOptions extends CallOptions {
  /** The name that listings show. */
  name?: string | undefined;
  /** Key-values to find the pin by; both are texts. */
  keyvalues?: KeyValues | undefined;
  /**
   * Whether a pin of this content that the account has already is given instead.
   *
   * @defaultValue false
   */
  skipIfPinned?: boolean | undefined;
  /**
   * The time that the whole call may take, with all its attempts; the client's call timeout unless set. In
   * milliseconds.
   */
  timeoutMs?: number | undefined;
  /** How often the call is tried; the client's policy unless set. */
  retry?: RetryPolicy | undefined;
}

/** How many calls are made. */
export interface BatchOptions {
  /**
   * How many calls are under way at a time; at least 1.
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
   * How many pins to pass over.
   *
   * @defaultValue 0
   */
  offset?: number | undefined;
  /** The most pins that a page holds, at least 1: 10 unless set, or 100 where all pages are read. */
  limit?: number | undefined;
  /**
   * Which pins to list.
   *
   * @defaultValue "all"
   */
  pinned?: Pinned | undefined;
  /**
   * What to sort by.
   *
   * @defaultValue "created_at"
   */
  sortBy?: SortBy | undefined;
  /**
   * Which way to sort.
   *
   * @defaultValue "desc"
   */
  sortOrder?: SortOrder | undefined;
  /** Only pins that have all of these key-values. */
  keyvalues?: KeyValues | undefined;
}

/** How long, and how often, to look at a pin. */
export interface WaitOptions extends CallOptions {
  /**
   * The time to wait in all; 10 minutes unless set. In milliseconds.
   *
   * @defaultValue 600000
   */
  deadlineMs?: number | undefined;
  /**
   * The time between the first two looks, which grows by half with each further one; 1 second unless set. In
   * milliseconds.
   *
   * @defaultValue 1000
   */
  firstDelayMs?: number | undefined;
  /**
   * The longest time between two looks; 30 seconds unless set. In milliseconds.
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
   * The UnixFS profile by which content is imported.
   *
   * @defaultValue "kubo-cidv1-legacy"
   */
  profile?: Profile | undefined;
  /**
   * Whether empty folders count; an upload can't carry them, so the CID of an upload is that without them.
   *
   * @defaultValue true
   */
  emptyFolders?: boolean | undefined;
}

/** The options of {@link previewUpload}. */
export interface PreviewOptions extends WalkOptions, CallOptions {
  /** The name of the pin, which a folder in memory has too. */
  name?: string | undefined;
  /**
   * The UnixFS profile by which content is imported.
   *
   * @defaultValue "kubo-cidv1-legacy"
   */
  profile?: Profile | undefined;
}

/** The options of {@link verify}. */
export interface VerifyOptions extends WalkOptions, CallOptions {
  /**
   * The gateway to fetch blocks from, which learns the CID and needs no trust: the endpoint itself where it is on this
   * machine, or https://trustless-gateway.link, unless set.
   */
  gateway?: string | undefined;
}
