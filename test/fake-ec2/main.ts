// fake-ec2: a double of EC2, STS and the price list, on the wire. See fidelity.md.
import { chmodSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parseArgs } from 'node:util';
import { Api } from './api.ts';
import { controlServer } from './control.ts';
import { Fake } from './fake.ts';
import { apiServer } from './server.ts';

const USAGE = `usage: main.ts --listen HOST:PORT --control unix:PATH --world FILE [--faults FILE]
  [--journal FILE] [--seed N] [--clock-file FILE] [--faketimerc FILE]
  [--restore FILE] [--snapshot FILE]
On SIGTERM the state goes to --snapshot, or beside the journal as JOURNAL.state.`;

function options() {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    options: {
      listen: text,
      control: text,
      world: text,
      faults: text,
      journal: text,
      seed: text,
      'clock-file': text,
      faketimerc: text,
      restore: text,
      snapshot: text,
    },
  });
  return values;
}

function readJson(path: string): unknown {
  return JSON.parse(readFileSync(path, 'utf8'));
}

function listen(server: Server, place: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    if (place.startsWith('unix:')) {
      const path = place.slice('unix:'.length);
      rmSync(path, { force: true });
      server.listen(path, () => {
        chmodSync(path, 0o600);
        resolve();
      });
    } else {
      const at = place.lastIndexOf(':');
      server.listen(Number(place.slice(at + 1)), place.slice(0, at), resolve);
    }
  });
}

async function start(): Promise<void> {
  const given = options();
  if (given.control === undefined || (given.world ?? given.restore) === undefined) {
    throw new Error(USAGE);
  }
  const fake = new Fake({
    world: given.world === undefined ? {} : readJson(given.world),
    faults: given.faults === undefined ? [] : (readJson(given.faults) as unknown[]),
    seed: Number(given.seed ?? 1),
    journal: given.journal,
    clockFile: given['clock-file'],
    faketimeFile: given.faketimerc,
    restore: given.restore,
  });
  const api = apiServer(fake, new Api(fake));
  const control = controlServer(fake);
  const place = given.listen ?? '127.0.0.1:0';
  await listen(api, place);
  await listen(control, given.control);
  function stop(): void {
    fake.stop();
    const path =
      given.snapshot ?? (given.journal === undefined ? undefined : `${given.journal}.state`);
    if (path !== undefined) {
      writeFileSync(path, fake.snapshot(), { mode: 0o600 });
    }
    for (const server of [api, control]) {
      server.close();
      server.closeAllConnections();
    }
  }
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  const address = api.address() as AddressInfo | string;
  const port = typeof address === 'string' ? 0 : address.port;
  const host = typeof address === 'string' ? address : `${address.address}:${port}`;
  const ready = {
    port,
    url: `http://${host}`,
    control: given.control.slice('unix:'.length),
    pid: process.pid,
  };
  process.stdout.write(`${JSON.stringify(ready)}\n`);
}

start().catch((error: unknown) => {
  process.stderr.write(`fake-ec2: ${(error as Error).message}\n`);
  process.exitCode = 2;
});
