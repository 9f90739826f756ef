/**
 * Pin files, folders and CIDs to IPFS through W3IPFS (AIOZ Pin), and prove what was pinned.
 *
 * @packageDocumentation
 */
export { Client, computeCid } from "./client.js";
export * from "./errors.js";
export { Pins } from "./pins.js";
export type * from "./types.js";
