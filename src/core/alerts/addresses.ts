// Where messages may go. What comes out of a configuration or a file is text like any other.

/** One address, bare: no name, no comment, no list, nothing that could end a header line. */
const MAIL =
  /^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,253}[A-Za-z0-9])?$/u;
/** The host may be a name, an address or [::1]; no user, no password, no blanks, no backslash. */
const URL_PARTS =
  /^(https?):\/\/(\[[0-9A-Fa-f:.]{2,45}\]|[A-Za-z0-9.-]{1,253})(?::([0-9]{1,5}))?((?:\/[!-[\]-~]*)?)$/u;
export const LOOPBACK_HOST = /^(?:localhost|127(?:\.[0-9]{1,3}){3}|::1|\[::1\])$/u;
const FRAGMENT = /#.*$/u;

export function isMailAddress(text: string): boolean {
  return MAIL.test(text) && !text.includes('..');
}

export interface Endpoint {
  readonly isTls: boolean;
  /** Without the brackets of an IPv6 address. */
  readonly host: string;
  readonly port: number;
  /** Path and query, at least `/`. */
  readonly path: string;
}

/** Undefined: not a URL that we would send to. Plain http only to this machine. */
export function endpointOf(url: string): Endpoint | undefined {
  const [, scheme, host, port, path] = URL_PARTS.exec(url) ?? [];
  if (host === undefined || (scheme === 'http' && !LOOPBACK_HOST.test(host))) {
    return undefined;
  }
  const isTls = scheme === 'https';
  const standard = isTls ? 443 : 80;
  return {
    isTls,
    host: host.replace('[', '').replace(']', ''),
    port: port === undefined ? standard : Number(port),
    path: (path ?? '').replace(FRAGMENT, '') || '/',
  };
}

export function isSafeUrl(url: string): boolean {
  return endpointOf(url) !== undefined;
}
