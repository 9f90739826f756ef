import { load } from "./load.js";
import type { FetchProgress, Progress } from "./types.js";

/** @internal */
export interface CancelToken {
  cancel(): void;
}

/** @internal How a call has ended: why it failed, or its result, each as JSON. */
export type Settle = (call: number, failure: string | null, result: string | null) => void;

/** @internal Calls that are under way, by numbers of one's own. */
export interface NativeCalls {
  cancel(call: number): void;
  rest(): void;
  close(): void;
}

/** @internal Who is told how a call ends. */
export type To = [calls: NativeCalls, call: number];

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
  nextPage(...to: To): void;
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
  next(...to: To): void;
  close(): void;
}

/** @internal */
export type Tell = ((progress: Progress) => void) | undefined;

/** @internal The options and the items are JSON, and so are the results. */
export interface NativeClient {
  readonly endpoint: string;
  retriever(): NativeRetriever;
  pinFile(path: string, options: string, ...to: [...To, Tell]): void;
  pinCar(path: string, options: string, ...to: [...To, Tell]): void;
  pinFolder(folder: NativeContent, options: string, ...to: [...To, Tell]): void;
  syncFolder(folder: NativeContent, name: string, options: string, ...to: [...To, Tell]): void;
  pinPath(path: string, options: string, ...to: [...To, Tell]): void;
  pinBytes(bytes: Uint8Array, options: string, ...to: [...To, Tell]): void;
  pinJson(json: string, options: string, ...to: [...To, Tell]): void;
  pinStream(feed: Feed, options: string, ...to: [...To, Tell]): void;
  pinByCid(cid: string, options: string, ...to: To): void;
  getPin(id: string, ...to: To): void;
  listPins(options: string, ...to: To): void;
  pins(options: string): NativePins;
  unpin(id: string, ...to: To): void;
  waitUntilPinned(id: string, options: string, ...to: To): void;
  checkCredentials(...to: To): void;
  pinFiles(items: string, options: string, ...to: [...To, Tell]): void;
  pinFilesAsCompleted(items: string, options: string, tell: Tell): NativeBatch;
  pinCids(items: string, options: string, ...to: To): void;
  pinCidsAsCompleted(items: string, options: string): NativeBatch;
  unpinMany(ids: string, options: string, ...to: To): void;
  unpinManyAsCompleted(ids: string, options: string): NativeBatch;
  prepareUpload(content: NativeContent, body: string, options: string, ...to: To): void;
  finishUpload(kept: string, status: number, response: Uint8Array, ...to: To): void;
}

/** @internal */
export interface NativeRetriever {
  resolve(path: string, ...to: To): void;
  read(path: string, options: string, token: CancelToken): Promise<Buffer<ArrayBuffer>>;
  stream(path: string, options: string): NativeContentStream;
  open(path: string, ...to: To): void;
  list(path: string): NativeFolderEntries;
  fetch(
    path: string,
    destination: string,
    options: string,
    ...to: [...To, ((progress: FetchProgress) => void) | undefined]
  ): void;
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
  NativeCalls: new (settle: Settle) => NativeCalls;
  Feed: new () => Feed;
  computeCid(content: NativeContent, options: string, ...to: To): void;
  packCar(content: NativeContent, destination: string, options: string, ...to: To): void;
  previewUpload(content: NativeContent, options: string, ...to: To): void;
  verify(content: NativeContent, cid: string, options: string, ...to: To): void;
  ipfsUrl(cid: string): string;
  gatewayUrl(cid: string, gateway: string): string;
  startLogging(listener: (record: string) => void): void;
  runCommand(args: string[]): number;
}

/** @internal */
export const native = load() as Native;
