import type { Retriever } from "./retriever.js";
import type { CallOptions, RetryPolicy } from "./options.js";
import type { Bytes, Collection, OnFetchProgress, SymlinkPolicy } from "./types.js";

/** The settings of a retriever, which a client has too. */
export interface RetrieverOptions {
  /**
   * Whether what isn't set is taken from the environment and the config file.
   *
   * @defaultValue true
   */
  environment?: boolean | undefined;
  /** The gateways to read content back from, in the order to try them. */
  gateways?: Collection<string> | undefined;
  /**
   * The time until there is a connection; 10 seconds unless set. In milliseconds.
   *
   * @defaultValue 10000
   */
  connectTimeoutMs?: number | undefined;
  /**
   * The time in which a request or its response must get further; 60 seconds unless set. In milliseconds.
   *
   * @defaultValue 60000
   */
  idleTimeoutMs?: number | undefined;
  /**
   * The time that a call may take with all its attempts, uploads and waits aside; 60 seconds unless set. In
   * milliseconds.
   *
   * @defaultValue 60000
   */
  callTimeoutMs?: number | undefined;
  /** How often calls are tried. */
  retry?: RetryPolicy | undefined;
  /**
   * The proxy to send every request through: http, https, socks5 or socks5h. It is a URL, such as `http://proxy:3128`;
   * unless set, `HTTPS_PROXY` and its like in the environment count.
   */
  proxy?: string | undefined;
  /**
   * Whether no proxy is used, whatever the environment says.
   *
   * @defaultValue false
   */
  noProxy?: boolean | undefined;
  /** Root certificates to trust too, in PEM. */
  rootCertificatesPem?: Bytes | string | undefined;
  /**
   * Whether the operating system's root certificates are trusted instead of Mozilla's.
   *
   * @defaultValue false
   */
  platformRoots?: boolean | undefined;
  /** The name that the service sees. */
  userAgent?: string | undefined;
}

/** The options of {@link Retriever.read} and {@link Retriever.stream}. */
export interface ReadOptions extends CallOptions {
  /**
   * The first byte to read.
   *
   * @defaultValue 0
   */
  start?: number | undefined;
  /** The byte to stop before; the file's end unless set. */
  end?: number | undefined;
  /**
   * The most bytes to read; a larger file is refused before any of it is read. 256 MiB for {@link Retriever.read} unless
   * set; {@link Retriever.stream} has no limit.
   */
  mostBytes?: number | undefined;
}

/** The options of {@link Retriever.fetch}. */
export interface FetchOptions extends CallOptions {
  /**
   * Whether files with other content are replaced. Otherwise they stay as they are, and the call rejects.
   *
   * @defaultValue false
   */
  overwrite?: boolean | undefined;
  /**
   * How many responses are read at a time.
   *
   * @defaultValue 4
   */
  concurrency?: number | undefined;
  /**
   * What is done with symbolic links.
   *
   * @defaultValue "inside"
   */
  symlinks?: SymlinkPolicy | undefined;
  /**
   * The most bytes of all files together. 1 TiB unless set.
   *
   * @defaultValue 1099511627776
   */
  mostBytes?: number | undefined;
  /**
   * The most files, folders and links.
   *
   * @defaultValue 1000000
   */
  mostEntries?: number | undefined;
  /** Told how far the fetch is, at most ten times a second and once at the end. */
  onProgress?: OnFetchProgress | undefined;
}
