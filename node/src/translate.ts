import {
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
  type ErrorCode,
  type ErrorFields,
} from "./errors.js";

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
 * @internal What to throw: an error of the native module becomes a {@link PinningError}, and one of this package gets
 * the caller's stack. Any other stays as it is.
 *
 * Test runners evaluate this file in a realm of its own, where the native module's errors aren't instances of `Error`.
 */
export function translate(thrown: unknown, caller?: { stack?: string }): unknown {
  if (thrown instanceof PinningError) {
    return made(thrown, caller);
  }
  const { code, message } = (thrown ?? {}) as { code?: unknown; message?: unknown };
  if (typeof code !== "string" || typeof message !== "string") {
    return thrown;
  }
  if (code === "GenericFailure" && message.startsWith("{")) {
    return errorOf(JSON.parse(message) as NativeFields, caller);
  }
  if (code === "InvalidArg" || code.endsWith("Expected")) {
    return made(invalidInput(null, `an argument is of the wrong type: ${message}`), caller);
  }
  return thrown;
}

/** @internal */
export function invalidInput(field: string | null, reason: string, options?: ErrorOptions): InvalidInputError {
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
