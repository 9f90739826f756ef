import type { Retriever } from "./retriever.js";
import type { CallOptions, RetryPolicy } from "./options.js";
import type { Bytes, Collection, OnFetchProgress, SymlinkPolicy } from "./types.js";

/** The settings of a retriever, which are also settings of a client. */
export interface RetrieverOptions {
  /**
   * Whether to take settings that aren't set from the environment and the config file.
   *
   * @defaultValue true
   */
  environment?: boolean | undefined;
  /** The gateways to read content back from, in the order to try them. */
  gateways?: Collection<string> | undefined;
  /**
   * The time limit for connecting; 10 seconds unless set. In milliseconds.
   *
   * @defaultValue 10000
   */
  connectTimeoutMs?: number | undefined;
  /**
   * The longest time that a request or its response may make no progress; 60 seconds unless set. In milliseconds.
   *
   * @defaultValue 60000
   */
  idleTimeoutMs?: number | undefined;
  /**
   * The time limit of a call, retries included, except uploads and waits; 60 seconds unless set. In
   * milliseconds.
   *
   * @defaultValue 60000
   */
  callTimeoutMs?: number | undefined;
  /** The retry policy of calls. */
  retry?: RetryPolicy | undefined;
  /**
   * The proxy to send every request through: http, https, socks5 or socks5h. It is a URL, such as `http://proxy:3128`;
   * unless set, `HTTPS_PROXY` and similar variables of the environment are used.
   */
  proxy?: string | undefined;
  /**
   * Whether to use no proxy, even if the environment names one.
   *
   * @defaultValue false
   */
  noProxy?: boolean | undefined;
  /** Additional root certificates to trust, in PEM format. */
  rootCertificatesPem?: Bytes | string | undefined;
  /**
   * Whether to trust the operating system's root certificates instead of Mozilla's.
   *
   * @defaultValue false
   */
  platformRoots?: boolean | undefined;
  /** The User-Agent header. */
  userAgent?: string | undefined;
}

/** The options of {@link Retriever.read} and {@link Retriever.stream}. */
export interface ReadOptions extends CallOptions {
  /**
   * The offset of the first byte to read.
   *
   * @defaultValue 0
   */
  start?: number | undefined;
  /** The offset to stop before; the end of the file unless set. */
  end?: number | undefined;
  /**
   * The maximum number of bytes to read; a larger file is rejected before any of it is read. 256 MiB for {@link
   * Retriever.read} unless
   * set; {@link Retriever.stream} has no limit.
   */
  mostBytes?: number | undefined;
}

/** The options of {@link Retriever.fetch}. */
export interface FetchOptions extends CallOptions {
  /**
   * Whether to replace files that have other content. Otherwise they are left unchanged, and the call rejects.
   *
   * @defaultValue false
   */
  overwrite?: boolean | undefined;
  /**
   * How many responses to read at a time.
   *
   * @defaultValue 4
   */
  concurrency?: number | undefined;
  /**
   * What to do with symbolic links.
   *
   * @defaultValue "inside"
   */
  symlinks?: SymlinkPolicy | undefined;
  /**
   * The maximum number of bytes in all files together. 1 TiB unless set.
   *
   * @defaultValue 1099511627776
   */
  mostBytes?: number | undefined;
  /**
   * The maximum number of files, folders and links.
   *
   * @defaultValue 1000000
   */
  mostEntries?: number | undefined;
  /** Called with the progress, at most ten times a second and once at the end. */
  onProgress?: OnFetchProgress | undefined;
}
