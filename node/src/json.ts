import { isDate } from "node:util/types";

import { kind } from "./arguments.js";
import { invalidInput } from "./translate.js";

/**
 * @internal A value as JSON. What `JSON.stringify` would turn into something else, as NaN into null and a promise into an
 * empty object, is refused. Properties that are undefined are left out.
 */
export function toJson(name: string, value: unknown): string {
  // Imported here, as it takes as long as all of this package.
  const { randomUUID } = require("node:crypto") as typeof import("node:crypto");
  const mark = `${randomUUID()}:`;
  let json: string | undefined;
  try {
    json = JSON.stringify(value, function (this: Record<string, unknown>, key: string, it: unknown) {
      const found = lost(this, key, it);
      if (found !== undefined) {
        throw new Error(`it holds ${found}`);
      }
      return isRound(it) ? `${mark}${it.toExponential()}` : it;
    });
  } catch (cause) {
    throw invalidInput(name, `the value can't be converted to JSON: ${cause instanceof Error ? cause.message : cause}`, { cause });
  }
  if (json === undefined) {
    throw invalidInput(name, `the value can't be converted to JSON: it is of type ${typeof value}`);
  }
  return json.replaceAll(new RegExp(`"${mark}([^"]+)"`, "g"), "$1");
}

/** What would become something else, in words; `it` is what `toJSON` made of the holder's value. */
function lost(holder: Record<string, unknown>, key: string, it: unknown): string | undefined {
  switch (typeof it) {
    case "number":
      return Number.isFinite(it) ? undefined : String(it);
    case "function":
    case "symbol":
      return kind(it);
    case "undefined":
      return Array.isArray(holder) ? "an array with undefined in it" : undefined;
    case "object":
      break;
    default:
      return undefined;
  }
  if (it === null) {
    return isDate(holder[key]) ? "an invalid Date" : undefined;
  }
  const tag = Object.prototype.toString.call(it).slice("[object ".length, -1);
  if (tag === "Object" || Array.isArray(it) || typeof (it as { toJSON?: unknown }).toJSON === "function") {
    return undefined;
  }
  const remedy = REMEDIES[tag];
  return `${kind(it)}${remedy ? `: ${remedy}` : ""}`;
}

const REMEDIES: Record<string, string> = {
  Map: "make an object of it, as by Object.fromEntries()",
  Promise: "await it first",
  Set: "make an array of it, as by Array.from()",
};

/**
 * Whether it is a large number with as few digits as are exact in any, such as 1e20. Written out it would look like a
 * whole number that may have lost its last digits, and be refused as one.
 */
function isRound(it: unknown): it is number {
  return Number.isInteger(it) && !Number.isSafeInteger(it) && Number((it as number).toPrecision(15)) === it;
}
