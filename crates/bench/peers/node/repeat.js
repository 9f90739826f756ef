"use strict";

const { readdirSync } = require("node:fs");
const { join } = require("node:path");

/** The pin that the sink knows. */
exports.PIN_ID = "3c3fec2a-ca65-4b8e-bcf3-c8e2ceaa23d2";
exports.KEYS = { pinning_api_key: "key", pinning_secret_key: "secret" };

const WARM_UP = 50;

exports.inFolder = (folder) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name));

/** Makes a call for each item, some at once: the seconds of all, and the median of each. */
async function each(items, concurrency, call) {
  const times = [];
  const remaining = items[Symbol.iterator]();
  const work = async () => {
    for (const item of remaining) {
      const began = performance.now();
      await call(item);
      times.push(performance.now() - began);
    }
  };
  const began = performance.now();
  await Promise.all(Array.from({ length: concurrency }, work));
  const seconds = (performance.now() - began) / 1000;
  times.sort((a, b) => a - b);
  return { seconds, p50_us: (times[times.length >> 1] ?? 0) * 1000 };
}
exports.each = each;

/** Makes the same call again and again, after some that don't count. */
exports.repeat = async (count, concurrency, call) => {
  await each(Array(WARM_UP).fill(0), concurrency, call);
  return each(Array(count).fill(0), concurrency, call);
};
