import { once } from 'node:events';
import { createServer, type Server } from 'node:net';

// A SLURM lab wants some hundred ports in a row, below those that the kernel gives to clients.

const FIRST = 20_000;
const ROW = 300;
const ROWS = 42;

export interface PortRow {
  readonly base: number;
  /** The row may be given to another lab. */
  release(): void;
}

async function listening(port: number): Promise<Server | undefined> {
  const server = createServer();
  server.listen(port, '0.0.0.0');
  try {
    await once(server, 'listening');
    return server;
  } catch {
    return;
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = await listening(port);
  if (server !== undefined) {
    server.close();
    await once(server, 'close');
  }
  return server !== undefined;
}

async function areFree(base: number): Promise<boolean> {
  for (let at = 0; at < ROW - 1; at += 1) {
    if (!(await isFree(base + at))) {
      return false;
    }
  }
  return true;
}

/** A row of 299 free ports; the 300th is kept open as the sign that the row is taken. */
export async function takePorts(): Promise<PortRow> {
  for (let tries = 0; tries < ROWS; tries += 1) {
    const base = FIRST + ((process.pid + tries) % ROWS) * ROW;
    const sign = await listening(base + ROW - 1);
    if (sign !== undefined) {
      if (await areFree(base)) {
        sign.unref();
        return { base, release: () => sign.close() };
      }
      sign.close();
    }
  }
  throw new Error(`no ${ROW} free ports in a row from ${FIRST} on`);
}
