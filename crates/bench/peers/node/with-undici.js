"use strict";

const { openAsBlob } = require("node:fs");
const { basename } = require("node:path");
const { FormData, fetch, request } = require("undici");
const { KEYS, PIN_ID, each, inFolder, repeat } = require("./repeat.js");

async function upload(url, path) {
  const form = new FormData();
  form.append("file", await openAsBlob(path), basename(path));
  const answer = await fetch(`${url}/`, { method: "POST", headers: KEYS, body: form });
  if (!answer.ok) throw new Error(`${answer.status}`);
  await answer.json();
}

async function get(url) {
  const { statusCode, body } = await request(url, { headers: KEYS });
  if (statusCode !== 200) throw new Error(`${statusCode}`);
  return body.json();
}

module.exports = {
  upload,
  calls: (url, count, concurrency) => repeat(count, concurrency, () => get(`${url}/${PIN_ID}`)),
  listPins: (url, count) => repeat(count, 1, () => get(`${url}/pins/?limit=1000`)),
  files: (url, folder, concurrency) => each(inFolder(folder), concurrency, (path) => upload(url, path)),
};
