import { load } from "./load.js";
import type { FetchProgress, Progress } from "./types.js";

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

/** @internal Content, which one of the fields has. */
export interface NativeContent {
  path?: string;
  bytes?: Uint8Array;
  files?: NativeFile[];
}

/** @internal */
export interface NativeFile {
  path: string;
  bytes: Uint8Array;
}

/** @internal */
export interface NativePins {
  nextPage(token: CancelToken): Promise<string>;
}

/** @internal */
export interface NativeBatch {
  next(): Promise<string | null>;
  stop(): void;
}

/** @internal */
export interface NativeContentStream {
  next(token: CancelToken): Promise<Uint8Array<ArrayBuffer> | null>;
  close(): void;
}

/** @internal */
export interface NativeFolderEntries {
  next(token: CancelToken): Promise<string>;
  close(): void;
}

/** @internal */
export type Tell = ((progress: Progress) => void) | undefined;

/** @internal The options and the items are JSON, and so are the results. */
export interface NativeClient {
  readonly endpoint: string;
  retriever(): NativeRetriever;
  pinFile(path: string, options: string, token: CancelToken, tell: Tell): Promise<string>;
  pinCar(path: string, options: string, token: CancelToken, tell: Tell): Promise<string>;
  pinFolder(folder: NativeContent, options: string, token: CancelToken, tell: Tell): Promise<string>;
  syncFolder(folder: NativeContent, name: string, options: string, token: CancelToken, tell: Tell): Promise<string>;
  pinPath(path: string, options: string, token: CancelToken, tell: Tell): Promise<string>;
  pinBytes(bytes: Uint8Array, options: string, token: CancelToken, tell: Tell): Promise<string>;
  pinJson(json: string, options: string, token: CancelToken, tell: Tell): Promise<string>;
  pinStream(feed: Feed, options: string, token: CancelToken, tell: Tell): Promise<string>;
  pinByCid(cid: string, options: string, token: CancelToken): Promise<string>;
  getPin(id: string, token: CancelToken): Promise<string>;
  listPins(options: string, token: CancelToken): Promise<string>;
  pins(options: string): NativePins;
  unpin(id: string, token: CancelToken): Promise<string>;
  waitUntilPinned(id: string, options: string, token: CancelToken): Promise<string>;
  checkCredentials(token: CancelToken): Promise<string>;
  pinFiles(items: string, options: string, token: CancelToken, tell: Tell): Promise<string>;
  pinFilesAsCompleted(items: string, options: string, tell: Tell): NativeBatch;
  pinCids(items: string, options: string, token: CancelToken): Promise<string>;
  pinCidsAsCompleted(items: string, options: string): NativeBatch;
  unpinMany(ids: string, options: string, token: CancelToken): Promise<string>;
  unpinManyAsCompleted(ids: string, options: string): NativeBatch;
  prepareUpload(content: NativeContent, body: string, options: string, token: CancelToken): Promise<string>;
  finishUpload(kept: string, status: number, response: Uint8Array, token: CancelToken): Promise<string>;
}

/** @internal */
export interface NativeRetriever {
  resolve(path: string, token: CancelToken): Promise<string>;
  read(path: string, options: string, token: CancelToken): Promise<Buffer<ArrayBuffer>>;
  stream(path: string, options: string): NativeContentStream;
  open(path: string, token: CancelToken): Promise<string>;
  list(path: string): NativeFolderEntries;
  fetch(
    path: string,
    destination: string,
    options: string,
    token: CancelToken,
    tell: ((progress: FetchProgress) => void) | undefined,
  ): Promise<string>;
}

/** @internal */
export interface NativeServer {
  start(data: string, apiKey: string, secretKey: string, profile: string): Promise<string>;
  stop(): Promise<string>;
}

interface Native {
  NativeClient: new (settings: string) => NativeClient;
  NativeRetriever: new (settings: string) => NativeRetriever;
  NativeServer: new () => NativeServer;
  CancelToken: new () => CancelToken;
  Feed: new () => Feed;
  computeCid(content: NativeContent, options: string, token: CancelToken): Promise<string>;
  packCar(content: NativeContent, destination: string, options: string, token: CancelToken): Promise<string>;
  previewUpload(content: NativeContent, options: string, token: CancelToken): Promise<string>;
  verify(content: NativeContent, cid: string, options: string, token: CancelToken): Promise<string>;
  ipfsUrl(cid: string): string;
  gatewayUrl(cid: string, gateway: string): string;
  startLogging(listener: (record: string) => void): void;
  runCommand(args: string[]): number;
}

/** @internal */
export const native = load() as Native;
