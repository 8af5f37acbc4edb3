import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { stopChild } from './programs.ts';
import { SUBNETS, TEMPLATE } from './site-config.ts';

/** The fake EC2 (spec: fake-ec2.md) as a child, and its control socket. */
export interface FakeCloud {
  readonly url: string;
  readonly socket: string;
  readonly clockFile: string | undefined;
  get(path: string): Promise<unknown>;
  post(path: string, body: unknown): Promise<unknown>;
  stop(): Promise<void>;
}

export interface WorldOptions {
  readonly root: string;
  /** Virtual time that moves only when told, from this instant on; none: the real clock. */
  readonly epoch?: string;
  /** First two numbers of every address; 127.1 lets slurmd processes be reached by them. */
  readonly network?: string;
  readonly pendingSeconds?: readonly [number, number];
  readonly shutdownSeconds?: readonly [number, number];
  readonly boot?: {
    readonly running: readonly string[];
    readonly gone: readonly string[];
    readonly env: Readonly<Record<string, string>>;
  };
}

/** As AWS describes it: vCPUs and MiB. */
function instanceType(
  type: string,
  [vcpu, mib]: readonly [number, number],
  od: number,
  efa: boolean,
) {
  return {
    type,
    vcpu,
    cores: vcpu / 2,
    mib,
    arch: ['x86_64'],
    efa,
    cards: 1,
    od_e10: od,
    usage: ['on-demand', 'spot'],
    strategies: ['cluster', 'partition', 'spread'],
  };
}

/** The security group of the nodes. */
const NODES = 'sg-0a11ce00000000001';

function world(options: WorldOptions): unknown {
  const { epoch, network = '10.0', boot } = options;
  const { pendingSeconds = [20, 45], shutdownSeconds = [1, 3] } = options;
  return {
    region: 'us-east-1',
    account: '111122223333',
    keys: ['FAKE1'],
    ...(epoch !== undefined && { epoch }),
    clock: { mode: epoch === undefined ? 'real' : 'manual' },
    subnets: [
      { id: SUBNETS[0], az: 'us-east-1a', cidr: `${network}.0.0/18` },
      { id: SUBNETS[1], az: 'us-east-1b', cidr: `${network}.64.0/18` },
    ],
    types: [
      instanceType('c5.xlarge', [4, 8192], 1_700_000_000, false),
      instanceType('c5n.18xlarge', [72, 196_608], 38_880_000_000, true),
    ],
    spot_prices: ['us-east-1a', 'us-east-1b'].map((az) => ({
      type: 'c5.xlarge',
      az,
      at: '2026-01-01T00:00:00Z',
      e10: 681_000_000,
    })),
    security_groups: [{ id: NODES, permissions: [{ protocol: '-1', groups: [NODES] }] }],
    life: { pending_s: pendingSeconds, shutdown_s: shutdownSeconds },
    launch_templates: [
      {
        id: 'lt-0a11ce00000000001',
        name: TEMPLATE,
        versions: [{ ImageId: 'ami-0a11ce00000000001', SecurityGroupIds: [NODES] }],
      },
    ],
    ...(boot !== undefined && { boot: { ...boot, node_tag: 'SlurmNode' } }),
  };
}

/** One exchange on the control socket; throws on any status but 200. */
async function control(
  socketPath: string,
  method: 'GET' | 'POST',
  path: string,
  body?: unknown,
): Promise<unknown> {
  const sent = request({ socketPath, method, path, headers: { host: 'fake' } });
  sent.end(body === undefined ? undefined : JSON.stringify(body));
  const [answer] = await once(sent, 'response');
  const shown = await text(answer);
  if (answer.statusCode !== 200) {
    throw new Error(`the fake cloud answers ${method} ${path} with ${answer.statusCode}: ${shown}`);
  }
  return JSON.parse(shown);
}

async function firstLine(child: ChildProcess): Promise<string> {
  if (child.stdout === null) {
    throw new Error('the fake cloud has no stdout');
  }
  for await (const line of createInterface({ input: child.stdout })) {
    return line;
  }
  throw new Error('the fake cloud ended before it listened; see fake-ec2.log');
}

export async function startFakeCloud(options: WorldOptions): Promise<FakeCloud> {
  const { root, epoch } = options;
  const file = join(root, 'world.json');
  const socket = join(root, 'fake.sock');
  const clockFile = epoch === undefined ? undefined : join(root, 'clock');
  writeFileSync(file, JSON.stringify(world(options), null, 2));
  const child = spawn(
    process.execPath,
    [
      resolve(import.meta.dirname, '../fake-ec2/main.ts'),
      ...['--listen', '127.0.0.1:0', '--control', `unix:${socket}`, '--world', file],
      ...['--journal', join(root, 'cloud.jsonl'), '--seed', '1'],
      ...(clockFile === undefined ? [] : ['--clock-file', clockFile]),
    ],
    { stdio: ['ignore', 'pipe', openSync(join(root, 'fake-ec2.log'), 'a')] },
  );
  const ports: { port?: number; url?: string } = JSON.parse(await firstLine(child));
  return {
    url: ports.url ?? `http://127.0.0.1:${ports.port}`,
    socket,
    clockFile,
    get: (path) => control(socket, 'GET', path),
    post: (path, body) => control(socket, 'POST', path, body),
    stop: () => stopChild(child),
  };
}
