"use strict";

const { createReadStream } = require("node:fs");
const http = require("node:http");
const axios = require("axios");
const FormData = require("form-data");
const { KEYS, PIN_ID, each, inFolder, repeat } = require("./repeat.js");

const client = axios.create({
  headers: KEYS,
  httpAgent: new http.Agent({ keepAlive: true }),
  maxBodyLength: Infinity,
  proxy: false,
});

async function upload(url, path) {
  const form = new FormData();
  form.append("file", createReadStream(path));
  await client.post(`${url}/`, form, { headers: form.getHeaders() });
}

module.exports = {
  upload,
  calls: (url, count, concurrency) => repeat(count, concurrency, () => client.get(`${url}/${PIN_ID}`)),
  listPins: (url, count) => repeat(count, 1, () => client.get(`${url}/pins/?limit=1000`)),
  files: (url, folder, concurrency) => each(inFolder(folder), concurrency, (path) => upload(url, path)),
};
