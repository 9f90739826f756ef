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
  constructor(message: string, fields: ErrorFields, options?: ErrorOptions) {
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

  override get name(): string {
    return this.constructor.name;
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

const CLASSES: Record<ErrorCode, typeof PinningError> = {
  invalid_input: InvalidInputError,
  authentication: AuthenticationError,
  permission_denied: PermissionDeniedError,
  not_found: NotFoundError,
  already_pinned: AlreadyPinnedError,
  insufficient_funds: InsufficientFundsError,
  rate_limited: RateLimitError,
  api: ApiError,
  decode: DecodeError,
  timeout: RequestTimeoutError,
  transport: TransportError,
  local_io: LocalIoError,
  cid_mismatch: CidMismatchError,
};

/** @internal What the native module writes of an error. */
interface NativeFields {
  code: ErrorCode;
  message: string;
  reason: string;
  field: string | null;
  path: string | null;
  status: number | null;
  service_message: string | null;
  body_excerpt: string | null;
  retry_after_ms: number | null;
  expected_cid: string | null;
  returned_cid: string | null;
  retryable: boolean;
  /** What led to it, the nearest first. */
  causes?: string[];
}

/** @internal The error of these fields, with the stack of whoever called. */
export function errorOf(native: NativeFields, caller?: { stack?: string }): PinningError {
  const Class = CLASSES[native.code] ?? PinningError;
  const fields: ErrorFields = {
    code: native.code,
    reason: native.reason,
    field: native.field,
    path: native.path,
    status: native.status,
    serviceMessage: native.service_message,
    bodyExcerpt: native.body_excerpt,
    retryAfterMs: native.retry_after_ms,
    expectedCid: native.expected_cid,
    returnedCid: native.returned_cid,
    isRetryable: native.retryable,
  };
  const cause = native.causes?.reduceRight<Error | undefined>(
    (inner, message) => new Error(message, inner && { cause: inner }),
    undefined,
  );
  return made(new Class(native.message, fields, cause && { cause }), caller);
}

/** The error, with the stack of whoever called. */
function made(error: PinningError, caller?: { stack?: string }): PinningError {
  const frames = caller?.stack?.split("\n").slice(1).join("\n");
  if (frames) {
    Object.defineProperty(error, "stack", {
      value: `${error.name}: ${error.message}\n${frames}`,
      configurable: true,
      writable: true,
    });
  }
  return error;
}

/**
 * @internal What to throw: an error of the native module has its fields as JSON in its message, and one of this
 * package gets the caller's stack. What others threw, as a stream, stays as it is.
 */
export function translate(thrown: unknown, caller?: { stack?: string }): unknown {
  if (thrown instanceof PinningError) {
    return made(thrown, caller);
  }
  const native = thrown instanceof Error && "code" in thrown && thrown.code === "GenericFailure";
  return native && thrown.message.startsWith("{") ? errorOf(JSON.parse(thrown.message) as NativeFields, caller) : thrown;
}

/** @internal */
export function invalidInput(field: string, reason: string, options?: ErrorOptions): InvalidInputError {
  const fields: ErrorFields = {
    code: "invalid_input",
    reason,
    field,
    path: null,
    status: null,
    serviceMessage: null,
    bodyExcerpt: null,
    retryAfterMs: null,
    expectedCid: null,
    returnedCid: null,
    isRetryable: false,
  };
  return new InvalidInputError(reason, fields, options);
}
