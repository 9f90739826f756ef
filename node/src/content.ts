import { isAnyArrayBuffer } from "node:util/types";

import { collection, isMap, isPlain, isUrl, path, text, wrongType } from "./arguments.js";
import type { NativeContent, NativeFile } from "./native.js";

/** @internal The bytes, without a copy. */
export function toBytes(name: string, value: unknown, takes = "a Uint8Array, a Buffer or an ArrayBuffer"): Uint8Array {
  const bytes = bytesIfAny(value);
  if (bytes === undefined) {
    throw wrongType(name, takes, value, typeof value === "string" ? "encode it, as by Buffer.from(text)" : undefined);
  }
  return bytes;
}

function bytesIfAny(value: unknown): Uint8Array | undefined {
  if (value instanceof Uint8Array) {
    return value;
  }
  // One of another realm, as a test runner's, is no instance of this one's class.
  if (isAnyArrayBuffer(value)) {
    return new Uint8Array(value as ArrayBuffer);
  }
  if (ArrayBuffer.isView(value)) {
    return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  }
  return undefined;
}

/** @internal Whether it is a `Blob` or `File`, of whichever realm. */
export function isBlob(value: unknown): value is Blob & { name?: unknown } {
  const blob = value as Partial<Blob> | null | undefined;
  return typeof blob?.arrayBuffer === "function" && typeof blob.stream === "function" && typeof blob.size === "number";
}

/** @internal A folder on the disk or in memory. */
export function folder(name: string, value: unknown): NativeContent | Promise<NativeContent> {
  return onDiskOrFiles(name, value, "a path, or files in memory as an object, a Map or an array of File");
}

/** @internal A file or folder on the disk or in memory. Only what is in a `Blob` has to be waited for. */
export function content(name: string, value: unknown): NativeContent | Promise<NativeContent> {
  const bytes = bytesIfAny(value);
  if (bytes) {
    return { bytes };
  }
  if (isBlob(value)) {
    return bytesOf(value).then((bytes) => ({ bytes }));
  }
  return onDiskOrFiles(name, value, "a path, bytes, or files in memory as an object, a Map or an array of File");
}

function onDiskOrFiles(name: string, value: unknown, takes: string): NativeContent | Promise<NativeContent> {
  if (typeof value === "string" || isUrl(value)) {
    return { path: path(name, value) };
  }
  const files = filesOf(name, value, takes);
  const ready = files.filter((file): file is NativeFile => file.bytes instanceof Uint8Array);
  if (ready.length === files.length) {
    return { files: ready };
  }
  // What is there now counts, whatever happens to it while others are read.
  const copied = files.map(async ({ path, bytes }): Promise<NativeFile> => ({
    path,
    bytes: bytes instanceof Uint8Array ? bytes.slice() : await bytesOf(bytes),
  }));
  return Promise.all(copied).then((files): NativeContent => ({ files }));
}

function filesOf(name: string, value: unknown, takes: string): { path: string; bytes: Uint8Array | Blob }[] {
  if (isMap(value) || isPlain(value)) {
    const pairs = isMap(value) ? [...value] : Object.entries(value);
    return pairs.map(([key, value]) => {
      const path = text(`the key of ${name}`, key);
      const place = `${name}[${JSON.stringify(path)}]`;
      return { path, bytes: isBlob(value) ? value : toBytes(place, value, "bytes or a Blob") };
    });
  }
  if (typeof value !== "object" || value === null || !(Symbol.iterator in value) || bytesIfAny(value)) {
    throw wrongType(name, takes, value);
  }
  const read = collection("File", (place, file) => {
    if (!isBlob(file) || typeof file.name !== "string") {
      throw wrongType(place, "a File", file, "give other files by their paths, in an object or a Map");
    }
    // A folder that was chosen in a browser tells where each file was in it.
    const { webkitRelativePath } = file as { webkitRelativePath?: unknown };
    const path = typeof webkitRelativePath === "string" && webkitRelativePath ? webkitRelativePath : file.name;
    return { path: text(`${place}.name`, path), bytes: file as Blob };
  });
  return read(name, value);
}

async function bytesOf(blob: Blob): Promise<Uint8Array> {
  return new Uint8Array(await blob.arrayBuffer());
}

/** @internal Goes on at once with what is there at once: bytes may be changed once the call has begun. */
export async function once<T>(value: T | Promise<T>, next: (value: T) => Promise<string>): Promise<string> {
  return next(value instanceof Promise ? await value : value);
}
