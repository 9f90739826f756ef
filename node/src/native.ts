import { load } from "./load.js";

/** @internal */
export interface NativeProgress {
  bytesSent: number;
  bytesTotal?: number;
  file?: string;
}

/** @internal */
export interface CancelToken {
  cancel(): void;
}

/** @internal */
export interface Feed {
  put(block: Uint8Array): Promise<boolean>;
  end(): Promise<void>;
  giveUp(): void;
}

/** @internal */
export interface NativePins {
  nextPage(token: CancelToken): Promise<string>;
}

type OnProgress = ((progress: NativeProgress) => void) | undefined;

/** @internal */
export interface NativeClient {
  readonly endpoint: string;
  pinPath(kind: string, path: string, options: string, token: CancelToken, onProgress: OnProgress): Promise<string>;
  pinBytes(bytes: Uint8Array, options: string, token: CancelToken, onProgress: OnProgress): Promise<string>;
  pinJson(document: string, options: string, token: CancelToken, onProgress: OnProgress): Promise<string>;
  pinStream(feed: Feed, options: string, token: CancelToken, onProgress: OnProgress): Promise<string>;
  pinByCid(cid: string, options: string, token: CancelToken): Promise<string>;
  getPin(id: string, token: CancelToken): Promise<string>;
  listPins(options: string, token: CancelToken): Promise<string>;
  pins(options: string): NativePins;
  unpin(id: string, token: CancelToken): Promise<string>;
  waitUntilPinned(id: string, options: string, token: CancelToken): Promise<string>;
  checkCredentials(token: CancelToken): Promise<string>;
  pinFiles(
    paths: string[],
    concurrency: number,
    options: string,
    token: CancelToken,
    onProgress: OnProgress,
  ): Promise<string>;
  pinCids(cids: string[], concurrency: number, options: string, token: CancelToken): Promise<string>;
  unpinMany(ids: string[], concurrency: number, token: CancelToken): Promise<string>;
  verify(
    path: string,
    bytes: Uint8Array | undefined,
    cid: string,
    options: string,
    token: CancelToken,
  ): Promise<string>;
}

/** @internal */
export interface NativeServer {
  start(data: string, apiKey: string, secretKey: string, profile: string): Promise<string>;
  stop(): Promise<string>;
}

interface Native {
  NativeClient: new (settings: string) => NativeClient;
  NativeServer: new () => NativeServer;
  CancelToken: new () => CancelToken;
  Feed: new () => Feed;
  computeCid(path: string, options: string): Promise<string>;
  runCommand(args: string[]): number;
}

/** @internal */
export const native = load() as Native;
