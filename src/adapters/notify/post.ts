import { type RequestOptions, request as requestPlain } from 'node:http';
import { request as requestTls } from 'node:https';
import type { Endpoint } from '../../core/alerts/addresses.ts';
import type { Delivery } from '../../core/alerts/deliver.ts';

/** Enough of an answer to be polite; nothing of it is looked at. */
const ANSWER_BYTES_MAX = 65_536;
const RETRY_AFTER = /^[0-9]{1,6}$/u;
/** The body or the address can never be right: another attempt cannot do better. */
const FINAL: ReadonlySet<number> = new Set([400, 410, 413, 414, 415, 422]);

export interface Post {
  readonly endpoint: Endpoint;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly timeoutMs: number;
  /** PEM; absent: the authorities that the runtime knows. */
  readonly ca?: string | undefined;
}

export function failed(
  reason: string,
  more: Partial<Omit<Extract<Delivery, { kind: 'failed' }>, 'kind' | 'reason'>> = {},
): Delivery {
  return { kind: 'failed', isFinal: false, isUnreachable: false, ...more, reason };
}

function answered(status: number, retryAfter: string | undefined): Delivery {
  if (status >= 200 && status < 300) {
    return { kind: 'sent' };
  }
  const retryAfterS = RETRY_AFTER.test(retryAfter ?? '') ? Number(retryAfter) : undefined;
  const hint = status >= 300 && status < 400 ? '; redirects are not followed' : '';
  return failed(`HTTP ${status}${hint}`, { isFinal: FINAL.has(status), retryAfterS });
}

function why(error: Error): string {
  return 'code' in error && typeof error.code === 'string'
    ? `${error.code}: ${error.message}`
    : error.message;
}

function optionsOf({ endpoint, headers, body, ca }: Post): RequestOptions {
  const { host, port, path, isTls } = endpoint;
  return {
    host,
    port,
    path,
    method: 'POST',
    agent: false,
    headers: { ...headers, 'Content-Length': String(Buffer.byteLength(body)) },
    // In full: NODE_TLS_REJECT_UNAUTHORIZED=0 must not change it.
    ...(isTls && { rejectUnauthorized: true, minVersion: 'TLSv1.2', ...(ca && { ca }) }),
  };
}

/** One request, one answer, one deadline for all of it. */
export function post(asked: Post): Promise<Delivery> {
  const { endpoint, body, timeoutMs } = asked;
  return new Promise((resolve) => {
    const send = endpoint.isTls ? requestTls : requestPlain;
    const started = send(optionsOf(asked), (response) => {
      let bytes = 0;
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > ANSWER_BYTES_MAX) {
          started.destroy();
        }
      });
      // The status line is the answer: a receiver that has taken the message need not say more.
      const { statusCode = 0, headers } = response;
      finish(answered(statusCode, headers['retry-after']));
      response.resume();
    });
    const timer = setTimeout(() => {
      started.destroy();
      finish(failed(`no answer within ${timeoutMs} ms`, { isUnreachable: true }));
    }, timeoutMs);
    function finish(delivery: Delivery): void {
      clearTimeout(timer);
      resolve(delivery);
    }
    started.on('error', (error) => finish(failed(why(error), { isUnreachable: true })));
    started.end(body);
  });
}
