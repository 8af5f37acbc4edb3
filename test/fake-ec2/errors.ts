// The error answers of EC2 (fake-ec2.md section 4): the code decides, the text is for people.

const STATUS: Readonly<Record<string, number>> = {
  RequestLimitExceeded: 503,
  ServiceUnavailable: 503,
  Unavailable: 503,
  InternalError: 500,
  UnauthorizedOperation: 403,
  DryRunOperation: 412,
  AuthFailure: 401,
  InsufficientInstanceCapacity: 500,
};

export class ApiError extends Error {
  readonly code: string;
  readonly status: number;

  constructor(code: string, message: string, status?: number) {
    super(message);
    this.name = 'ApiError';
    this.code = code;
    this.status = status ?? STATUS[code] ?? 400;
  }
}

/** The status of a code when a fault rule gives none. */
export function statusOf(code: string): number {
  return STATUS[code] ?? 400;
}

export function invalidValue(name: string, value: string): ApiError {
  return new ApiError(
    'InvalidParameterValue',
    `Value (${value}) for parameter ${name} is invalid.`,
  );
}

export function missing(name: string): ApiError {
  return new ApiError('MissingParameter', `The request must contain the parameter ${name}`);
}
