import { load } from "./load.js";
import type { FetchProgress, Progress } from "./types.js";

/** @internal */
export interface CancelToken {
  cancel(): void;
}

/** @internal Called when a call has ended, with why it failed or its result, each as JSON. */
export type Settle = (call: number, failure: string | null, result: string | null) => void;

/** @internal Calls in progress, by numbers that their caller assigns. */
export interface NativeCalls {
  cancel(call: number): void;
  unref(): void;
  close(): void;
}

/** @internal Where a call reports its end, and under which number. */
export type CallHandle = [calls: NativeCalls, call: number];

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
  nextPage(...handle: CallHandle): void;
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
  next(...handle: CallHandle): void;
  close(): void;
}

/** @internal */
export type Tell = ((progress: Progress) => void) | undefined;

/** @internal The options and the items are JSON, and so are the results. */
export interface NativeClient {
  readonly endpoint: string;
  retriever(): NativeRetriever;
  pinFile(path: string, options: string, ...handle: [...CallHandle, Tell]): void;
  pinCar(path: string, options: string, ...handle: [...CallHandle, Tell]): void;
  pinFolder(folder: NativeContent, options: string, ...handle: [...CallHandle, Tell]): void;
  syncFolder(folder: NativeContent, name: string, options: string, ...handle: [...CallHandle, Tell]): void;
  pinPath(path: string, options: string, ...handle: [...CallHandle, Tell]): void;
  pinBytes(bytes: Uint8Array, options: string, ...handle: [...CallHandle, Tell]): void;
  pinJson(json: string, options: string, ...handle: [...CallHandle, Tell]): void;
  pinStream(feed: Feed, options: string, ...handle: [...CallHandle, Tell]): void;
  pinByCid(cid: string, options: string, ...handle: CallHandle): void;
  getPin(id: string, ...handle: CallHandle): void;
  listPins(options: string, ...handle: CallHandle): void;
  pins(options: string): NativePins;
  unpin(id: string, ...handle: CallHandle): void;
  waitUntilPinned(id: string, options: string, ...handle: CallHandle): void;
  checkCredentials(...handle: CallHandle): void;
  pinFiles(items: string, options: string, ...handle: [...CallHandle, Tell]): void;
  pinFilesAsCompleted(items: string, options: string, tell: Tell): NativeBatch;
  pinCids(items: string, options: string, ...handle: CallHandle): void;
  pinCidsAsCompleted(items: string, options: string): NativeBatch;
  unpinMany(ids: string, options: string, ...handle: CallHandle): void;
  unpinManyAsCompleted(ids: string, options: string): NativeBatch;
  prepareUpload(content: NativeContent, body: string, options: string, ...handle: CallHandle): void;
  finishUpload(kept: string, status: number, response: Uint8Array, ...handle: CallHandle): void;
}

/** @internal */
export interface NativeRetriever {
  resolve(path: string, ...handle: CallHandle): void;
  read(path: string, options: string, token: CancelToken): Promise<Buffer<ArrayBuffer>>;
  stream(path: string, options: string): NativeContentStream;
  open(path: string, ...handle: CallHandle): void;
  list(path: string): NativeFolderEntries;
  fetch(
    path: string,
    destination: string,
    options: string,
    ...handle: [...CallHandle, ((progress: FetchProgress) => void) | undefined]
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
  computeCid(content: NativeContent, options: string, ...handle: CallHandle): void;
  packCar(content: NativeContent, destination: string, options: string, ...handle: CallHandle): void;
  previewUpload(content: NativeContent, options: string, ...handle: CallHandle): void;
  verify(content: NativeContent, cid: string, options: string, ...handle: CallHandle): void;
  ipfsUrl(cid: string): string;
  gatewayUrl(cid: string, gateway: string): string;
  startLogging(listener: (record: string) => void): void;
  runCommand(args: string[]): number;
}

/** @internal */
export const native = load() as Native;
