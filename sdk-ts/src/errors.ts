/** What is known of a failed call. */
export interface RelayErrorDetails {
  status: number;
  code: string;
  message: string;
  requestId?: string | undefined;
  retryAfter?: number | undefined;
}

/** A call to Relay that failed. Neither its message nor anything else on it holds a key. */
export class RelayError extends Error {
  // Said in full for each class, because minifiers rename classes.
  override readonly name: string = "RelayError";
  /** HTTP status; 0 when there was no answer. */
  readonly status: number;
  /** A stable word for programs, e.g. `missing_scope`; Relay's `docs/errors.md` lists them. */
  readonly code: string;
  /** The request's id in Relay's logs and console, when there was an answer. */
  readonly requestId: string | undefined;
  /** How long Relay asks to wait before another try, in seconds, if it says so. */
  readonly retryAfter: number | undefined;

  constructor({ status, code, message, requestId, retryAfter }: RelayErrorDetails) {
    super(message);
    this.status = status;
    this.code = code;
    this.requestId = requestId;
    this.retryAfter = retryAfter;
  }
}

/** No answer: Relay cannot be reached. */
export class RelayConnectionError extends RelayError {
  override readonly name: string = "RelayConnectionError";
}

/** No answer in the time that was given. */
export class RelayTimeoutError extends RelayConnectionError {
  override readonly name: string = "RelayTimeoutError";
}

/** 400: the request makes no sense as it is. */
export class RelayBadRequestError extends RelayError {
  override readonly name: string = "RelayBadRequestError";
}

/** 401: the relay key is wrong, expired or revoked. */
export class RelayAuthenticationError extends RelayError {
  override readonly name: string = "RelayAuthenticationError";
}

/** 403: the relay key may not do this. */
export class RelayPermissionError extends RelayError {
  override readonly name: string = "RelayPermissionError";
}

/** 404: there is no such user, credential or route. */
export class RelayNotFoundError extends RelayError {
  override readonly name: string = "RelayNotFoundError";
}

/** 409: something that is there stands in the way. */
export class RelayConflictError extends RelayError {
  override readonly name: string = "RelayConflictError";
}

/** 422: it was understood and refused, e.g. a key that its provider does not take. */
export class RelayUnprocessableError extends RelayError {
  override readonly name: string = "RelayUnprocessableError";
}

/** 429: too much at once; `retryAfter` says how long to wait. */
export class RelayRateLimitError extends RelayError {
  override readonly name: string = "RelayRateLimitError";
}

/** 5xx: Relay, or a provider that it asked, failed. */
export class RelayServerError extends RelayError {
  override readonly name: string = "RelayServerError";
}

const OF_STATUS: Record<number, typeof RelayError> = {
  400: RelayBadRequestError,
  401: RelayAuthenticationError,
  403: RelayPermissionError,
  404: RelayNotFoundError,
  409: RelayConflictError,
  422: RelayUnprocessableError,
  429: RelayRateLimitError,
  500: RelayServerError,
};

/** The error of a status. */
export function errorOfStatus(details: RelayErrorDetails): RelayError {
  const { status } = details;
  const Type = OF_STATUS[status >= 500 ? 500 : status] ?? RelayError;
  return new Type(details);
}
