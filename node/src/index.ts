/**
 * Pin files, folders and CIDs to IPFS through W3IPFS (AIOZ Pin), and prove what was pinned.
 *
 * @packageDocumentation
 */
export { Client, computeCid } from "./client.js";
export {
  AlreadyPinnedError,
  ApiError,
  AuthenticationError,
  CidMismatchError,
  DecodeError,
  InsufficientFundsError,
  InvalidInputError,
  LocalIoError,
  NotFoundError,
  PermissionDeniedError,
  PinningError,
  RateLimitError,
  RequestTimeoutError,
  TransportError,
} from "./errors.js";
export type { ErrorCode, ErrorFields } from "./errors.js";
export { Pins } from "./pins.js";
export type * from "./types.js";
