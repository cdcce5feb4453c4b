/** What is known of a failed call. */
export interface RelayErrorDetails {
  status: number;
  code: string;
  message: string;
  requestId?: string | undefined;
}

/** A call to Relay that failed. Neither its message nor anything else on it holds a key. */
export class RelayError extends Error {
  /** HTTP status; 0 when there was no answer. */
  readonly status: number;
  /** A stable word for programs, e.g. `token_scope_missing`; Relay's `docs/errors.md` lists them. */
  readonly code: string;
  /** The request's id in Relay's logs and console, when there was an answer. */
  readonly requestId: string | undefined;

  constructor({ status, code, message, requestId }: RelayErrorDetails) {
    super(message);
    this.name = new.target.name;
    this.status = status;
    this.code = code;
    this.requestId = requestId;
  }
}

/** No answer: Relay cannot be reached, or took too long. */
export class RelayConnectionError extends RelayError {}
/** 400, 422: the request makes no sense as it is. */
export class RelayBadRequestError extends RelayError {}
/** 401: the relay key is wrong, expired or revoked. */
export class RelayAuthenticationError extends RelayError {}
/** 403: the relay key may not do this. */
export class RelayPermissionError extends RelayError {}
/** 404: there is no such user, credential or route. */
export class RelayNotFoundError extends RelayError {}
/** 429: too much at once. */
export class RelayRateLimitError extends RelayError {}
/** 5xx: Relay failed. */
export class RelayServerError extends RelayError {}

/** The error of a status. */
export function errorOfStatus(details: RelayErrorDetails): RelayError {
  switch (details.status) {
    case 400:
    case 422:
      return new RelayBadRequestError(details);
    case 401:
      return new RelayAuthenticationError(details);
    case 403:
      return new RelayPermissionError(details);
    case 404:
      return new RelayNotFoundError(details);
    case 429:
      return new RelayRateLimitError(details);
    default:
      return details.status >= 500 ? new RelayServerError(details) : new RelayError(details);
  }
}
