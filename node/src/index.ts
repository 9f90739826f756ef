/**
 * Pin files, folders and CIDs to IPFS through W3IPFS (AIOZ Pin), and prove what was pinned.
 *
 * @packageDocumentation
 */
export { Client } from "./client.js";
export * from "./errors.js";
export { computeCid, packCar, previewUpload, verify } from "./local.js";
export type * from "./options.js";
export { Pin, type PinFields } from "./pin.js";
export { Pins } from "./pins.js";
export { PreparedUpload } from "./prepared.js";
export { RemoteFile } from "./remote-file.js";
export { Retriever } from "./retriever.js";
export type * from "./retriever-options.js";
export type * from "./types.js";
