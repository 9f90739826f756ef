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
} from "./errors.js";

/** @internal */
export const CLASSES: Record<ErrorCode, typeof PinningError> = {
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
  /** What led to it, the nearest first. */
  causes?: string[];
}

/** @internal The error of these fields, with the stack of whoever called. */
export function errorOf({ message, causes, ...fields }: NativeFields, caller?: { stack?: string }): PinningError {
  const Class = CLASSES[fields.code] ?? PinningError;
  const cause = causes?.reduceRight<Error | undefined>(
    (inner, message) => new Error(message, inner && { cause: inner }),
    undefined,
  );
  return made(new Class(message, fields, cause && { cause }), caller);
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
  const fields = { code: "invalid_input", reason, ...(field !== null && { field }) };
  return new InvalidInputError(reason, { ...fields, isRetryable: false, isOutcomeUnknown: false }, options);
}
