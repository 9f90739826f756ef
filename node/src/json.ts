import { randomUUID } from "node:crypto";

import { isMap } from "./arguments.js";
import { invalidInput } from "./translate.js";

/**
 * @internal A value as JSON. What `JSON.stringify` would turn into something else, as NaN into null and a `Map` into an
 * empty object, is refused.
 */
export function toJson(name: string, value: unknown): string {
  const mark = `${randomUUID()}:`;
  let json: string | undefined;
  try {
    json = JSON.stringify(value, (_, it: unknown) => {
      if (typeof it === "number" && !Number.isFinite(it)) {
        throw new Error(`it holds ${it}`);
      }
      if (isMap(it) || Object.prototype.toString.call(it) === "[object Set]") {
        throw new Error("it holds a Map or a Set; make an object or an array of it");
      }
      return isRound(it) ? `${mark}${it.toExponential()}` : it;
    });
  } catch (cause) {
    throw invalidInput(name, `the value can't be JSON: ${cause instanceof Error ? cause.message : cause}`, { cause });
  }
  if (json === undefined) {
    throw invalidInput(name, `the value can't be JSON: it is of type ${typeof value}`);
  }
  return json.replaceAll(new RegExp(`"${mark}([^"]+)"`, "g"), "$1");
}

/**
 * Whether it is a large number with as few digits as are exact in any, such as 1e20. Written out it would look like a
 * whole number that may have lost its last digits, and be refused as one.
 */
function isRound(it: unknown): it is number {
  return Number.isInteger(it) && !Number.isSafeInteger(it) && Number((it as number).toPrecision(15)) === it;
}
