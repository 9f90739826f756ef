"use strict";

const { Client } = require("w3pin");
const { PIN_ID, inFolder, repeat } = require("./repeat.js");

const client = (url) =>
  new Client({ credentials: { apiKey: "key", secretKey: "secret" }, endpoint: url, noProxy: true });

module.exports = {
  upload: (url, path) => client(url).pinFile(path, { verify: "off" }),
  calls: (url, count, concurrency) => {
    const opened = client(url);
    return repeat(count, concurrency, () => opened.getPin(PIN_ID));
  },
  listPins: (url, count) => {
    const opened = client(url);
    return repeat(count, 1, () => opened.listPins({ limit: 1000 }));
  },
  files: async (url, folder, concurrency) => {
    const opened = client(url);
    const paths = inFolder(folder);
    const began = performance.now();
    for (const outcome of await opened.pinFiles(paths, { concurrency, verify: "off" })) {
      if (outcome instanceof Error) throw outcome;
    }
    return { seconds: (performance.now() - began) / 1000 };
  },
};
