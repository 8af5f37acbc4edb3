import { readFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import { SMTPServer } from 'smtp-server';

const TLS = resolve('test/fixtures/tls');
export const CA_FILE = `${TLS}/ca.pem`;
const CERTIFICATE = {
  key: readFileSync(`${TLS}/localhost.key`),
  cert: readFileSync(`${TLS}/localhost.pem`),
};

export interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly path: string;
}

export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Never answer. */
  readonly isSilent?: boolean;
}

export interface HttpReceiver {
  readonly port: number;
  readonly requests: readonly Received[];
  /** What the next requests get; then 200. */
  answer(...answers: readonly Answer[]): void;
  /** Before the next request is answered. */
  onRequest(act: () => void): void;
  close(): Promise<void>;
}

async function listening(server: Server): Promise<number> {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return (server.address() as AddressInfo).port; // a TCP server has one
}

/** A web server of its own, with or without TLS. */
export async function httpReceiver(isTls = false): Promise<HttpReceiver> {
  const requests: Received[] = [];
  const answers: Answer[] = [];
  let act: (() => void) | undefined;
  const server = (isTls ? createTlsServer(CERTIFICATE) : createServer()) as Server;
  server.on('request', (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString();
      requests.push({ headers: request.headers, body, path: request.url ?? '' });
      act?.();
      act = undefined;
      const { status, headers, isSilent } = answers.shift() ?? { status: 200 };
      if (isSilent !== true) {
        response.writeHead(status, headers).end('ok');
      }
    });
  });
  const port = await listening(server);
  return {
    port,
    requests,
    answer: (...more) => {
      answers.push(...more);
    },
    onRequest: (next) => {
      act = next;
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise<void>((done) => server.close(() => done()));
    },
  };
}

export interface Mail {
  readonly from: string;
  readonly to: readonly string[];
  readonly user: string;
  readonly isSecure: boolean;
  /** As it came: headers, an empty line, the text. */
  readonly raw: string;
}

export interface MailReceiver {
  readonly port: number;
  readonly mails: readonly Mail[];
  /** SMTP answers to the next recipients and mails; '' is fine. */
  refuse(step: 'rcpt' | 'data', ...codes: readonly number[]): void;
  onStep(step: 'connect' | 'data', act: () => void): void;
  close(): Promise<void>;
}

export interface MailServerOptions {
  /** With our own authority's certificate; else smtp-server's self-signed one. */
  readonly isTrusted?: boolean;
  readonly login?: { readonly user: string; readonly password: string };
}

function refusal(code: number): Error {
  return Object.assign(new Error(`refused with ${code}`), { responseCode: code });
}

/** A mail server of its own. */
export async function mailReceiver(options: MailServerOptions = {}): Promise<MailReceiver> {
  const mails: Mail[] = [];
  const codes: Record<'rcpt' | 'data', number[]> = { rcpt: [], data: [] };
  const acts = new Map<string, () => void>();
  function run(step: string): void {
    acts.get(step)?.();
    acts.delete(step);
  }
  const { login } = options;
  const server = new SMTPServer({
    ...(options.isTrusted === true && CERTIFICATE),
    authOptional: login === undefined,
    allowInsecureAuth: false,
    logger: false,
    onConnect: (_session, callback) => {
      run('connect');
      callback();
    },
    onAuth: ({ username, password }, _session, callback) => {
      const isRight = username === login?.user && password === login?.password;
      callback(isRight ? null : new Error('wrong password'), { user: username ?? '' });
    },
    onRcptTo: (_address, _session, callback) => {
      const code = codes.rcpt.shift() ?? 0;
      callback(code === 0 ? null : refusal(code));
    },
    onData: (stream, session, callback) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const code = codes.data.shift() ?? 0;
        if (code === 0) {
          const { mailFrom, rcptTo } = session.envelope;
          mails.push({
            from: mailFrom === false ? '' : mailFrom.address,
            to: rcptTo.map(({ address }) => address),
            user: String(session.user ?? ''),
            isSecure: session.secure,
            raw: Buffer.concat(chunks).toString(),
          });
        }
        run('data');
        callback(code === 0 ? null : refusal(code));
      });
    },
  });
  server.on('error', () => undefined); // clients that are killed
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    port: (server.server.address() as AddressInfo).port, // a TCP server has one
    mails,
    refuse: (step, ...more) => {
      codes[step].push(...more);
    },
    onStep: (step, act) => {
      acts.set(step, act);
    },
    close: async () => {
      await new Promise<void>((done) => server.close(() => done()));
    },
  };
}

/** One header of a mail, unfolded. */
export function headerOf({ raw }: Mail, name: string): string | undefined {
  const head = raw.split('\r\n\r\n')[0]?.replaceAll(/\r\n[ \t]+/gu, ' ') ?? '';
  const line = head.split('\r\n').find((each) => each.toLowerCase().startsWith(`${name}: `));
  return line?.slice(name.length + 2);
}
