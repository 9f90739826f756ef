import { channel } from "node:diagnostics_channel";
import { debuglog } from "node:util";

import { native } from "./native.js";

const records = channel("w3pin");
const debug = debuglog("w3pin");
let began = false;

/** @internal Begins to log once somebody wants to know. */
export function log(): void {
  if (!began && (records.hasSubscribers || debug.enabled)) {
    began = true;
    native.startLogging(tell);
  }
}

function tell(json: string): void {
  const record = JSON.parse(json) as Record<string, unknown>;
  const { message, level, ...rest } = record;
  debug("%s%s", message, Object.entries(rest).map(([name, value]) => ` ${name}=${value}`).join(""));
  if (records.hasSubscribers) {
    records.publish(record);
  }
}
