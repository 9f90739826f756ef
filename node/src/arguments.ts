import { fileURLToPath } from "node:url";

import { invalidInput } from "./translate.js";

/** @internal Reads an argument of this name, into what JSON can hold. */
export type Reader = (name: string, value: unknown) => unknown;

/** @internal The error for an argument of another type than it takes, with what to give instead. */
export function wrongType(name: string, takes: string, value: unknown, remedy?: string): Error {
  return invalidInput(name, `${name} takes ${takes}, not ${kind(value)}${remedy ? `: ${remedy}` : ""}`);
}

/** @internal What a value is, in words. */
export function kind(value: unknown): string {
  if (value === null || value === undefined) {
    return String(value);
  }
  if (typeof value !== "object") {
    return `a ${typeof value}`;
  }
  const name = (value as { constructor?: { name?: unknown } }).constructor?.name;
  const named = typeof name === "string" && /^\w+$/.test(name) ? name : "Object";
  return named === "Object" ? "an object" : `${/^[AEIO]/.test(named) ? "an" : "a"} ${named}`;
}

/** @internal */
export function text(name: string, value: unknown): string {
  if (typeof value !== "string") {
    throw wrongType(name, "a string", value);
  }
  if (!value.isWellFormed()) {
    throw invalidInput(name, `${name} contains half of a surrogate pair, which isn't a character`);
  }
  return value;
}

/** @internal */
export function flag(name: string, value: unknown): boolean {
  if (typeof value !== "boolean") {
    throw wrongType(name, "true or false", value);
  }
  return value;
}

/** @internal A whole number. */
export function count(name: string, value: unknown): number {
  const number = finite(name, "a whole number", value);
  if (!Number.isInteger(number)) {
    throw invalidInput(name, `${name} takes a whole number, not ${number}`);
  }
  if (number > Number.MAX_SAFE_INTEGER) {
    throw invalidInput(name, `${name} is too large`);
  }
  return number;
}

/** @internal */
export function milliseconds(name: string, value: unknown): number {
  return finite(name, "a number of milliseconds", value);
}

function finite(name: string, takes: string, value: unknown): number {
  if (typeof value !== "number") {
    throw wrongType(name, takes, value);
  }
  if (!Number.isFinite(value)) {
    throw invalidInput(name, `${name} takes ${takes}, not ${value}`);
  }
  if (value < 0) {
    throw invalidInput(name, `${name} is negative`);
  }
  return value;
}

/** @internal Requests a minute, or a word. */
export function rateLimit(name: string, value: unknown): number | string {
  if (typeof value === "string") {
    return text(name, value);
  }
  if (typeof value !== "number") {
    throw wrongType(name, 'a number of requests a minute or "unlimited"', value);
  }
  return count(name, value);
}

/** @internal A local path. */
export function path(name: string, value: unknown): string {
  if (isUrl(value)) {
    try {
      return text(name, fileURLToPath(value));
    } catch (cause) {
      throw invalidInput(name, `${name} takes a path or a file: URL, not one of ${value.protocol}`, { cause });
    }
  }
  if (typeof value !== "string") {
    throw wrongType(name, "a path as a string or a file: URL", value);
  }
  return text(name, value);
}

/** @internal Test runners bring a class of their own for URLs, so that they are told by what they have. */
export function isUrl(value: unknown): value is URL {
  return typeof value === "object" && value !== null && "href" in value && "protocol" in value;
}

/** @internal Key-values. */
export function pairs(name: string, value: unknown): Record<string, string> {
  const takes = "an object or a Map of strings";
  if (!isMap(value) && !isPlain(value)) {
    throw wrongType(name, takes, value);
  }
  const read = isMap(value) ? [...value] : Object.entries(value);
  const pairs = read.map(([key, value]) => {
    if (typeof key !== "string") {
      throw wrongType(`the key of ${name}`, "a string", key);
    }
    const place = `${name}[${JSON.stringify(key)}]`;
    if (typeof value !== "string") {
      throw wrongType(place, "a string", value, "convert it by String()");
    }
    return [text(name, key), text(place, value)] as const;
  });
  return Object.fromEntries(pairs);
}

/** @internal */
export function isMap(value: unknown): value is ReadonlyMap<unknown, unknown> {
  return Object.prototype.toString.call(value) === "[object Map]";
}

/** @internal Whether an object has nothing but its own properties, so that none is overlooked. */
export function isPlain(value: unknown): value is Record<string, unknown> {
  if (Object.prototype.toString.call(value) !== "[object Object]") {
    return false;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** @internal The members of a collection, each read by itself. */
export function collection<T>(of: string, read: (name: string, value: unknown) => T): (name: string, value: unknown) => T[] {
  return (name, value) => members(name, `an array or other iterable of ${of}`, value).map((it, index) => read(`${name}[${index}]`, it));
}

/**
 * What is in a collection. What is a single one of the things that are meant, such as a text, is refused: to take it
 * letter by letter can publish what nobody meant to.
 */
function members(name: string, takes: string, value: unknown): unknown[] {
  if (typeof value === "string" || isUrl(value) || ArrayBuffer.isView(value)) {
    throw wrongType(name, takes, value, "put a single one in an array");
  }
  if (typeof value === "object" && value !== null && !isMap(value)) {
    if (Symbol.iterator in value) {
      return [...(value as Iterable<unknown>)];
    }
    if (Symbol.asyncIterator in value) {
      throw wrongType(name, takes, value, "gather it first, as by Array.fromAsync()");
    }
  }
  throw wrongType(name, takes, value);
}

/** @internal Paths, each optionally with its own name and key-values. */
export const fileItems = collection("paths", item("path", path));

/** @internal CIDs, each optionally with its own name and key-values. */
export const cidItems = collection("CIDs", item("cid", text));

/** @internal The ids of pins. */
export const ids = collection("pin ids", (name, value) => {
  if (typeof value === "object" && value !== null && "id" in value) {
    throw wrongType(name, "the id of a pin", value, "give its id, as in pin.id");
  }
  return { subject: text(name, value) };
});

function item(subject: string, read: Reader): Reader {
  return (name, value) => {
    if (!isPlain(value) || !(subject in value)) {
      return { subject: read(name, value) };
    }
    const readers = { [subject]: read, name: text, keyvalues: pairs };
    const { [subject]: own, ...rest } = fields(value, readers, `${name}.`);
    refuseUnknown(`${name} has no`, "field", value, readers);
    return { subject: own, ...rest };
  };
}

/** @internal An object, each of whose fields is read by itself. */
export function object(takes: string, readers: Record<string, Reader>): Reader {
  return (name, value) => {
    if (typeof value !== "object" || value === null || Array.isArray(value) || isMap(value)) {
      throw wrongType(name, takes, value);
    }
    refuseUnknown(`${name} has no`, "field", value, readers);
    return fields(value, readers, `${name}.`);
  };
}

/** @internal What is set of the fields that have a reader. `place` is where they are. */
export function fields(value: object, readers: Record<string, Reader>, place = ""): Record<string, unknown> {
  const read: Record<string, unknown> = {};
  for (const [key, reader] of Object.entries(readers)) {
    const given = (value as Record<string, unknown>)[key];
    if (given !== undefined && given !== null) {
      read[key] = reader(`${place}${key}`, given);
    }
  }
  return read;
}

/** @internal */
export function refuseUnknown(has: string, what: string, value: object, readers: Record<string, Reader>): void {
  const unknown = Object.keys(value).find((key) => !Object.hasOwn(readers, key));
  if (unknown === undefined) {
    return;
  }
  const camel = unknown.replace(/_+([a-z])/g, (_, letter: string) => letter.toUpperCase());
  const meant = [camel, `${camel}Ms`, `on${camel.charAt(0).toUpperCase()}${camel.slice(1)}`];
  const known = meant.find((it) => Object.hasOwn(readers, it));
  const hint = known ? `it is called ${known}` : `there are ${Object.keys(readers).join(", ") || "none"}`;
  throw invalidInput(unknown, `${has} ${what} ${JSON.stringify(unknown)}; ${hint}`);
}
