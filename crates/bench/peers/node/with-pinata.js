"use strict";

const { openAsBlob } = require("node:fs");
const { basename } = require("node:path");
const { PinataSDK } = require("pinata");
const { each, inFolder } = require("./repeat.js");

async function upload(url, path) {
  const pinata = new PinataSDK({ pinataJwt: "key", pinataGateway: "localhost", uploadUrl: url, endpointUrl: url });
  const file = new File([await openAsBlob(path)], basename(path));
  await pinata.upload.public.file(file);
}

module.exports = {
  upload,
  files: (url, folder, concurrency) => each(inFolder(folder), concurrency, (path) => upload(url, path)),
};
