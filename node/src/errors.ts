/** The kinds of errors, the same in every language. */
export type ErrorCode =
  | "invalid_input"
  | "authentication"
  | "permission_denied"
  | "not_found"
  | "already_pinned"
  | "insufficient_funds"
  | "rate_limited"
  | "api"
  | "decode"
  | "timeout"
  | "transport"
  | "local_io"
  | "cid_mismatch";

/** Why an operation failed. It never contains a key. Unknown fields are omitted. */
export class PinningError extends Error {
  /** The category of the failure. */
  declare readonly code: ErrorCode;
  /** What went wrong, in a sentence. */
  declare readonly reason: string;
  /** The argument or setting at fault. */
  declare readonly field?: string;
  /** The local file or folder at fault. */
  declare readonly path?: string;
  /** The HTTP status of the response. */
  declare readonly status?: number;
  /** The service's own message. */
  declare readonly serviceMessage?: string;
  /** The beginning of a response that couldn't be understood, at most 1 KiB. */
  declare readonly bodyExcerpt?: string;
  /** How long to wait, as requested by the service. In milliseconds. */
  declare readonly retryAfterMs?: number;
  /** The CID of the bytes that were sent. */
  declare readonly expectedCid?: string;
  /** The CID that the service returned. */
  declare readonly returnedCid?: string;
  /** Whether the same call may succeed if it is tried again later. */
  declare readonly isRetryable: boolean;
  /** Whether the service may have created the pin although the call failed. */
  declare readonly isOutcomeUnknown: boolean;

  /** @internal */
  constructor(message: string, fields: object, options?: ErrorOptions) {
    super(message, options);
    Object.assign(this, fields);
  }
}

/** An argument, file or setting can't be used. Usually detected before a byte is sent. */
export class InvalidInputError extends PinningError {}
/** The service refused the call or failed. */
export class ApiError extends PinningError {}
/** The service doesn't accept the credentials. */
export class AuthenticationError extends ApiError {}
/** The credentials don't permit this. */
export class PermissionDeniedError extends ApiError {}
/** The service doesn't know the pin. */
export class NotFoundError extends ApiError {}
/** The account has already pinned this content. */
export class AlreadyPinnedError extends ApiError {}
/** The account's balance doesn't cover the pin. */
export class InsufficientFundsError extends ApiError {}
/** The service received too many requests. */
export class RateLimitError extends ApiError {}
/** The service's response isn't as documented. */
export class DecodeError extends PinningError {}
/** The service couldn't be reached, or the connection broke. */
export class TransportError extends PinningError {}
/** A time limit passed. */
export class RequestTimeoutError extends TransportError {}
/** A local file or folder couldn't be read or written. */
export class LocalIoError extends PinningError {}
/** The service couldn't be proved to have pinned what was sent, and proof was required. */
export class CidMismatchError extends PinningError {}

// Minifiers rename classes but not the keys of an object, and logs show the name.
const NAMED = {
  PinningError,
  InvalidInputError,
  ApiError,
  AuthenticationError,
  PermissionDeniedError,
  NotFoundError,
  AlreadyPinnedError,
  InsufficientFundsError,
  RateLimitError,
  DecodeError,
  TransportError,
  RequestTimeoutError,
  LocalIoError,
  CidMismatchError,
};
for (const [name, Class] of Object.entries(NAMED)) {
  for (const named of [Class, Class.prototype]) {
    Object.defineProperty(named, "name", { value: name, configurable: true, writable: true });
  }
}
