import { existsSync } from "node:fs";
import { join } from "node:path";

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

/** The platforms that have a package of their own with the native module. */
function platform(): string {
  const { platform, arch } = process;
  const suffix = platform === "linux" ? "-gnu" : platform === "win32" ? "-msvc" : "";
  return `${platform}-${arch}${suffix}`;
}

function load(): Native {
  const name = platform();
  // In a checkout the module is where it was built.
  const built = join(__dirname, "..", "native", `w3pin.${name}.node`);
  if (existsSync(built)) {
    return require(built) as Native;
  }
  try {
    return require(`@w3pin/native-${name}`) as Native;
  } catch (cause) {
    throw new Error(
      `w3pin has no native module for ${name} here. Where that platform is supported, install it with the optional ` +
        `dependencies (npm install w3pin --include=optional); npm leaves them out after an install for another platform.`,
      { cause },
    );
  }
}

/** @internal */
export const native: Native = load();
