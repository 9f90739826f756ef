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

/** What an error tells. */
export interface ErrorFields {
  /** What went wrong, by what the caller can do about it. */
  code: ErrorCode;
  /** What was wrong, in a sentence. */
  reason: string;
  /** The argument or setting at fault, where one is. */
  field: string | null;
  /** The local file or folder at fault, where one is. */
  path: string | null;
  /** The HTTP status of the answer, where there was one. */
  status: number | null;
  /** The service's own words. */
  serviceMessage: string | null;
  /** The beginning of an answer that couldn't be understood, at most 1 KiB. */
  bodyExcerpt: string | null;
  /** How long the service asks to wait, in milliseconds. */
  retryAfterMs: number | null;
  /** The CID of the bytes that were sent. */
  expectedCid: string | null;
  /** The CID that the service answered. */
  returnedCid: string | null;
  /** Whether the same call may succeed later with nothing changed. */
  isRetryable: boolean;
}

/** Why an operation failed. It never holds a key. */
export class PinningError extends Error implements ErrorFields {
  readonly code: ErrorCode;
  readonly reason: string;
  readonly field: string | null;
  readonly path: string | null;
  readonly status: number | null;
  readonly serviceMessage: string | null;
  readonly bodyExcerpt: string | null;
  readonly retryAfterMs: number | null;
  readonly expectedCid: string | null;
  readonly returnedCid: string | null;
  readonly isRetryable: boolean;

  /** @internal */
  constructor(message: string, fields: ErrorFields, options?: { cause?: unknown }) {
    super(message, options);
    this.code = fields.code;
    this.reason = fields.reason;
    this.field = fields.field;
    this.path = fields.path;
    this.status = fields.status;
    this.serviceMessage = fields.serviceMessage;
    this.bodyExcerpt = fields.bodyExcerpt;
    this.retryAfterMs = fields.retryAfterMs;
    this.expectedCid = fields.expectedCid;
    this.returnedCid = fields.returnedCid;
    this.isRetryable = fields.isRetryable;
  }
}

/** An argument, file or setting can't be used. Mostly refused before a byte is sent. */
export class InvalidInputError extends PinningError {}
/** The service refused the call, or failed. */
export class ApiError extends PinningError {}
/** The service doesn't accept the credentials. */
export class AuthenticationError extends ApiError {}
/** The credentials are good, but not for this. */
export class PermissionDeniedError extends ApiError {}
/** The service knows no such pin. */
export class NotFoundError extends ApiError {}
/** The account has already pinned this content. */
export class AlreadyPinnedError extends ApiError {}
/** The account's balance doesn't cover the pin. */
export class InsufficientFundsError extends ApiError {}
/** Too many requests in too short a time. */
export class RateLimitError extends ApiError {}
/** The service's answer isn't what its documentation says. */
export class DecodeError extends PinningError {}
/** The service wasn't reached, or the connection broke. */
export class TransportError extends PinningError {}
/** A time limit passed. */
export class RequestTimeoutError extends TransportError {}
/** A local file or folder couldn't be read. */
export class LocalIoError extends PinningError {}
/** What the service pinned isn't provably what was sent. */
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
