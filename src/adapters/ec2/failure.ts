import { launchClassOf, NO_CREDENTIALS, NOT_SENT } from '../../core/burst/errors.ts';
import { EXIT, Fault } from '../../core/errors.ts';

/** What is known of a call that threw. `code` '' and `status` 0: no answer could be read. */
export interface SdkFailure {
  readonly code: string;
  readonly status: number;
  readonly message: string;
}

/** Node's codes of connections that never stood: EC2 has seen nothing. */
const UNCONNECTED: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENETDOWN',
]);
/** The SDK's connect timeout has no code of its own. */
const NO_CONNECTION = /did not establish a connection|without establishing a connection/;

/** Reads EC2's code, the HTTP status, or that the request never left. */
export function failureOf(error: unknown): SdkFailure {
  const facts = factsOf(error);
  if (facts.name === 'CredentialsProviderError' || facts.name === 'TokenProviderError') {
    return { code: NO_CREDENTIALS, status: 0, message: facts.message };
  }
  if (UNCONNECTED.has(facts.systemCode) || NO_CONNECTION.test(facts.message)) {
    return { code: NOT_SENT, status: 0, message: facts.message };
  }
  return { code: facts.ec2Code, status: facts.status, message: facts.message };
}

/** For every call but launches: throttling, 5xx and the network may pass (75), the rest needs a person. */
export function faultOf(action: string, error: unknown): Fault {
  if (error instanceof Fault) {
    return error;
  }
  const { code, status, message } = failureOf(error);
  const what = code === '' ? message : `${code}: ${message}`;
  return new Fault(`EC2 ${action} failed: ${what}`, {
    cause: error,
    exitCode: isPassing(code, status) ? EXIT.tryAgain : EXIT.fault,
    code,
  });
}

/** An answer of HTTP 200 that is not the answer to this action. */
export function unreadable(action: string): Fault {
  return new Fault(`EC2 ${action} gave an answer that cannot be read`, {
    exitCode: EXIT.tryAgain,
    inDoubt: true,
  });
}

function isPassing(code: string, status: number): boolean {
  const as = code === '' && status === 0 ? 'unknown' : launchClassOf(code, status);
  return as === 'throttle' || as === 'unknown' || as === 'capacity';
}

interface Facts {
  readonly name: string;
  readonly message: string;
  readonly ec2Code: string;
  readonly systemCode: string;
  readonly status: number;
}

function factsOf(error: unknown): Facts {
  const fields: Readonly<Record<string, unknown>> =
    typeof error === 'object' && error !== null ? { ...error } : {};
  const metadata = fields['$metadata'];
  const status =
    typeof metadata === 'object' && metadata !== null && 'httpStatusCode' in metadata
      ? metadata.httpStatusCode
      : 0;
  return {
    name: error instanceof Error ? error.name : '',
    message: error instanceof Error ? firstLine(error.message) : String(error),
    ec2Code: text(fields['Code']),
    systemCode: text(fields['code']),
    // A 200 whose body could not be read says nothing of the outcome.
    status: typeof status === 'number' && status >= 400 ? status : 0,
  };
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function firstLine(message: string): string {
  return message.split('\n', 1)[0] ?? '';
}
