// The API port: HTTP in, HTTP out, and every way in which a reply can go wrong on the wire.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Api, Reply } from './api.ts';
import { clientPid } from './client-pid.ts';
import type { Fake } from './fake.ts';
import { Metadata } from './imds.ts';

const BODY_MAX = 8 * 1024 * 1024;

export function apiServer(fake: Fake, api: Api): Server {
  const pids = new WeakMap<Socket, number>();
  const metadata = new Metadata();
  function pidOf(socket: Socket): number {
    const known = pids.get(socket);
    const pid = known ?? clientPid(socket.remotePort ?? 0, socket.localPort ?? 0);
    pids.set(socket, pid);
    return pid;
  }
  const server = createServer((req, res) => {
    serve(fake, api, metadata, { req, res, pidOf }).catch((error: unknown) => {
      process.stderr.write(`fake-ec2: ${String((error as Error).stack)}\n`);
      res.writeHead(500).end();
    });
  });
  server.keepAliveTimeout = 600_000;
  return server;
}

interface Exchange {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly pidOf: (socket: Socket) => number;
}

async function serve(fake: Fake, api: Api, metadata: Metadata, exchange: Exchange): Promise<void> {
  const { req, res } = exchange;
  res.sendDate = false;
  const body = await readBody(req);
  const [path = '/', query = ''] = splitUrl(req.url ?? '/');
  const headers = plainHeaders(req);
  if (path.startsWith('/imds/')) {
    fake.engine.clock.tick();
    const reply = metadata.answer(fake.engine, req.method ?? 'GET', path, headers);
    res.writeHead(reply.status, { date: httpDate(fake.engine.state.nowUs) }).end(reply.body);
    return;
  }
  const reply = await api.handle({
    method: req.method ?? 'POST',
    path,
    query,
    headers,
    body,
    pid: exchange.pidOf(req.socket),
  });
  hideSkew(fake, res);
  send(res, reply);
}

/**
 * Under a virtual clock the SDK would take every error for a clock that runs wrong and repeat it
 * (3.1169.0 looks at Date alone); an answer with an Age it does not measure.
 */
function hideSkew(fake: Fake, res: ServerResponse): void {
  const { world } = fake.engine;
  if (world.clock.mode !== 'real' && !world.check_skew) {
    res.setHeader('age', 0);
  }
}

function send(res: ServerResponse, reply: Reply): void {
  const { answer, drop } = reply;
  if (drop === 'before') {
    res.socket?.destroy();
    return;
  }
  if (drop === 'after') {
    res.socket?.resetAndDestroy();
    return;
  }
  res.statusCode = answer.status;
  res.setHeader('content-type', answer.contentType);
  res.setHeader('content-length', answer.body.length);
  res.setHeader('x-amzn-requestid', answer.requestId);
  res.setHeader('date', httpDate(reply.nowUs));
  if (answer.retryAfter !== undefined) {
    res.setHeader('retry-after', answer.retryAfter);
  }
  if (drop === undefined) {
    res.end(answer.body);
    return;
  }
  const part = drop === 'headers' ? 0 : Math.floor(answer.body.length / 2);
  res.flushHeaders();
  res.write(answer.body.subarray(0, part), () => res.socket?.destroy());
}

function splitUrl(url: string): readonly [string, string] {
  const at = url.indexOf('?');
  return at === -1 ? [url, ''] : [url.slice(0, at), url.slice(at + 1)];
}

function plainHeaders(req: IncomingMessage): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(req.headers)) {
    headers[name] = Array.isArray(value) ? value.join(',') : (value ?? '');
  }
  return headers;
}

export async function readBody(req: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of req as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > BODY_MAX) {
      throw new Error('request body too large');
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function httpDate(us: number): string {
  return new Date(us / 1000).toUTCString();
}
