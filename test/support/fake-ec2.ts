// Starts the fake EC2 as a child process and speaks to its control socket.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FaultRule } from '../fake-ec2/faults.ts';
import type { JournalEntry } from '../fake-ec2/journal.ts';
import type { WorldInput } from '../fake-ec2/world.ts';

export type { FaultRule } from '../fake-ec2/faults.ts';
export type { JournalEntry } from '../fake-ec2/journal.ts';
export type { WorldInput } from '../fake-ec2/world.ts';

const MAIN = fileURLToPath(new URL('../fake-ec2/main.ts', import.meta.url));
const START_MS = 20_000;

export interface FakeEc2Options {
  readonly faults?: readonly FaultRule[];
  readonly seed?: number;
  /** Keeps the virtual time in this file (`test_clock`). */
  readonly clockFile?: string;
  readonly faketimerc?: string;
  readonly journal?: string;
  /** `HOST:PORT`; default a free port of 127.0.0.1. */
  readonly listen?: string;
  /** Path of the control socket; default inside a directory of its own. */
  readonly control?: string;
  readonly restore?: string;
  readonly snapshot?: string;
  /** `onTestFinished`, `afterAll` or the like: called with the function that stops the fake. */
  readonly atEnd?: (stop: () => Promise<void>) => void;
}

export interface FakeInstance {
  readonly id: string;
  readonly state: string;
  readonly type: string;
  readonly az: string;
  readonly market: string;
  readonly subnet: string;
  readonly ip: string;
  readonly group: string;
  readonly reservation: string;
  readonly fleet: string;
  readonly token: string;
  readonly node: string;
  readonly boot: string;
  readonly launch_us: number;
  readonly running_us: number | null;
  readonly end_us: number | null;
  readonly end_cause: string;
  readonly terminated_us: number | null;
  readonly notice_us: number | null;
  readonly tags: Readonly<Record<string, string>>;
}

export interface FakeState {
  readonly now_us: number;
  readonly counts: { readonly vcpu: number; readonly spot: number; readonly live: number };
  readonly instances: readonly FakeInstance[];
  readonly subnets: readonly { readonly id: string; readonly az: string; readonly free: number }[];
  readonly groups: readonly {
    readonly name: string;
    readonly id: string;
    readonly strategy: string;
    readonly tags: Readonly<Record<string, string>>;
  }[];
  readonly templates: readonly {
    readonly id: string;
    readonly name: string;
    readonly default_version: number;
    readonly versions: readonly Readonly<Record<string, string>>[];
  }[];
  readonly fleets: readonly {
    readonly id: string;
    readonly tags: Readonly<Record<string, string>>;
  }[];
  readonly tokens: readonly string[];
}

export interface FakeBillLine {
  readonly instance: string;
  readonly type: string;
  readonly az: string;
  readonly market: string;
  readonly from_s: number;
  readonly to_s: number;
  readonly rate_e10: number;
  readonly micro: number;
}

export interface FakeBill {
  readonly lines: readonly FakeBillLine[];
  readonly totals: {
    readonly by_hold: Readonly<Record<string, number>>;
    readonly by_cluster: Readonly<Record<string, number>>;
  };
  readonly total_micro: number;
}

export interface FakeClock {
  readonly now_us: number;
  readonly next_event_us: number | null;
}

export interface CapacityChange {
  readonly type?: string;
  readonly az?: string;
  readonly market?: 'on-demand' | 'spot' | 'capacity-block';
  readonly set: number;
  /** Interrupts spot instances, newest first, when `set` is below use. */
  readonly reclaim?: boolean;
  readonly notice_s?: number;
}

export interface ForeignLaunch {
  readonly type: string;
  readonly subnet: string;
  readonly market?: 'on-demand' | 'spot';
  readonly count?: number;
  readonly tags?: Readonly<Record<string, string>>;
}

export type ExternalDeed =
  | { readonly terminate: string }
  | { readonly poweroff: string }
  | { readonly stop: string }
  | { readonly protect: string }
  | { readonly unprotect: string }
  | { readonly fail: string }
  | { readonly rebalance: string }
  | { readonly impair: string }
  | { readonly recover: string }
  | { readonly event: string; readonly code?: string; readonly in_s?: number }
  | { readonly launch: ForeignLaunch };

export interface FiredFault extends FaultRule {
  readonly matched: number;
  readonly fired: number;
}

/** The control socket of a running fake, whoever started it. */
export class FakeEc2Control {
  readonly socket: string;

  constructor(socket: string) {
    this.socket = socket;
  }

  state(): Promise<FakeState> {
    return this.#call<FakeState>('GET', '/state');
  }

  journal(since = 0): Promise<readonly JournalEntry[]> {
    return this.#call('GET', `/journal?since=${since}`);
  }

  bill(): Promise<FakeBill> {
    return this.#call<FakeBill>('GET', '/bill');
  }

  clock(): Promise<FakeClock> {
    return this.#call<FakeClock>('GET', '/clock');
  }

  buckets(): Promise<Readonly<Record<string, { tokens: number; max: number; refill: number }>>> {
    return this.#call('GET', '/buckets');
  }

  /** Manual clock only. */
  advance(seconds: number): Promise<FakeClock> {
    return this.#call<FakeClock>('POST', '/clock', { advance_s: seconds });
  }

  advanceTo(us: number): Promise<FakeClock> {
    return this.#call<FakeClock>('POST', '/clock', { to_us: us });
  }

  faults(): Promise<readonly FiredFault[]> {
    return this.#call('GET', '/faults');
  }

  addFaults(...rules: readonly FaultRule[]): Promise<readonly FiredFault[]> {
    return this.#call('POST', '/faults', { add: rules });
  }

  removeFaults(...ids: readonly string[]): Promise<readonly FiredFault[]> {
    return this.#call('POST', '/faults', { remove: ids });
  }

  /** Fails for a rule that never fired: a test that expected it proved nothing. */
  async requireFaultsFired(): Promise<void> {
    const idle = (await this.faults()).filter((fault) => fault.fired === 0);
    if (idle.length > 0) {
      throw new Error(`faults that never fired: ${idle.map((fault) => fault.id).join(', ')}`);
    }
  }

  capacity(change: CapacityChange): Promise<unknown> {
    return this.#call('POST', '/capacity', change);
  }

  /** `e10`: 1e-10 dollars per hour. */
  price(type: string, az: string, e10: number): Promise<unknown> {
    return this.#call('POST', '/price', { type, az, e10 });
  }

  interrupt(instance: string, noticeS = 120): Promise<unknown> {
    return this.#call('POST', '/interrupt', { instance, notice_s: noticeS });
  }

  external(deed: ExternalDeed): Promise<Readonly<Record<string, unknown>>> {
    return this.#call('POST', '/external', deed);
  }

  world(change: WorldInput): Promise<unknown> {
    return this.#call('POST', '/world', change);
  }

  /** Answers when the numbers are as given; else an error after `within_s` virtual seconds. */
  expect(numbers: {
    readonly live?: number;
    readonly launched?: number;
    readonly pending?: number;
    readonly running?: number;
    readonly terminated?: number;
    readonly groups?: number;
    readonly within_s?: number;
  }): Promise<unknown> {
    return this.#call('POST', '/expect', numbers);
  }

  snapshot(path: string): Promise<unknown> {
    return this.#call('POST', '/snapshot', { path });
  }

  reset(): Promise<unknown> {
    return this.#call('POST', '/reset', {});
  }

  /** Ids of all instances ever launched, in order. */
  async launched(): Promise<readonly string[]> {
    return (await this.#effects('created')).map((entry) => String(entry['instance']));
  }

  /** Instances that are pending or running now. */
  async live(): Promise<readonly FakeInstance[]> {
    const { instances } = await this.state();
    return instances.filter((i) => i.state === 'pending' || i.state === 'running');
  }

  /** Ids that ended by a cause: `TerminateInstances`, `external:terminate`, `spot-interruption`, … */
  async terminatedBy(cause: string): Promise<readonly string[]> {
    const { instances } = await this.state();
    return instances.filter((i) => i.end_cause === cause).map((i) => i.id);
  }

  async callsOf(action: string): Promise<readonly JournalEntry[]> {
    return (await this.journal()).filter(
      (entry) => entry.kind === 'request' && entry['action'] === action,
    );
  }

  /** Client tokens in order of first use. */
  async tokensUsed(): Promise<readonly string[]> {
    const tokens = (await this.journal())
      .filter((entry) => entry.kind === 'request' && typeof entry['token'] === 'string')
      .map((entry) => String(entry['token']));
    return [...new Set(tokens)];
  }

  /** The most instances that were pending or running at one moment, and when (virtual µs). */
  async maxLiveAt(): Promise<{ readonly live: number; readonly at_us: number }> {
    const { instances } = await this.state();
    const steps = instances.flatMap((i) => [
      { at: i.launch_us, by: 1 },
      ...(i.end_us === null ? [] : [{ at: i.end_us, by: -1 }]),
    ]);
    steps.sort((a, b) => a.at - b.at || a.by - b.by);
    let live = 0;
    let most = { live: 0, at_us: 0 };
    for (const step of steps) {
      live += step.by;
      most = live > most.live ? { live, at_us: step.at } : most;
    }
    return most;
  }

  async #effects(what: string): Promise<readonly JournalEntry[]> {
    return (await this.journal()).filter(
      (entry) => entry.kind === 'effect' && entry['what'] === what,
    );
  }

  #call<T>(method: string, path: string, body?: unknown): Promise<T> {
    return new Promise((resolve, reject) => {
      const req = request({ socketPath: this.socket, method, path, agent: false }, (res) => {
        let text = '';
        res.setEncoding('utf8');
        res.on('data', (chunk: string) => {
          text += chunk;
        });
        res.on('error', reject);
        res.on('end', () => {
          if (res.statusCode === 200) {
            resolve(JSON.parse(text) as T);
          } else {
            reject(new Error(`fake-ec2 ${method} ${path}: ${res.statusCode} ${text}`));
          }
        });
      });
      req.on('error', reject);
      req.end(body === undefined ? undefined : JSON.stringify(body));
    });
  }
}

export class FakeEc2 extends FakeEc2Control {
  readonly url: string;
  readonly pid: number;
  readonly #child: ChildProcess;
  readonly #dir: string;

  constructor(
    ready: { readonly url: string; readonly control: string; readonly pid: number },
    child: ChildProcess,
    dir: string,
  ) {
    super(ready.control);
    this.url = ready.url;
    this.pid = ready.pid;
    this.#child = child;
    this.#dir = dir;
  }

  async stop(): Promise<void> {
    await this.#end('SIGTERM');
  }

  /** As a crash would: nothing is written down. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    if (child.exitCode === null && child.signalCode === null) {
      const ended = new Promise((resolve) => {
        child.once('exit', resolve);
      });
      child.kill(signal);
      await ended;
    }
    rmSync(this.#dir, { recursive: true, force: true });
  }
}

const running = new Set<ChildProcess>();
let isGuarded = false;

/** A test run that dies must not leave a server behind. */
function guard(child: ChildProcess): void {
  running.add(child);
  child.once('exit', () => running.delete(child));
  if (!isGuarded) {
    isGuarded = true;
    process.once('exit', () => {
      for (const left of running) {
        left.kill('SIGKILL');
      }
    });
  }
}

export async function startFakeEc2(
  world: WorldInput | string,
  options: FakeEc2Options = {},
): Promise<FakeEc2> {
  const dir = mkdtempSync(join(tmpdir(), 'fake-ec2-'));
  const child = spawn(process.execPath, arguments_(world, options, dir), {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: '/usr/bin:/bin', TZ: 'UTC' },
  });
  guard(child);
  const ready = await firstLine(child);
  const fake = new FakeEc2(ready, child, dir);
  options.atEnd?.(() => fake.stop());
  return fake;
}

function arguments_(world: WorldInput | string, options: FakeEc2Options, dir: string): string[] {
  const worldFile = typeof world === 'string' ? world : join(dir, 'world.json');
  if (typeof world !== 'string') {
    writeFileSync(worldFile, JSON.stringify(world));
  }
  const args = [
    '--disable-warning=ExperimentalWarning',
    MAIN,
    ...['--listen', options.listen ?? '127.0.0.1:0'],
    ...['--control', `unix:${options.control ?? join(dir, 'control')}`],
    ...['--world', worldFile],
    ...['--seed', String(options.seed ?? 1)],
  ];
  if (options.faults !== undefined) {
    const path = join(dir, 'faults.json');
    writeFileSync(path, JSON.stringify(options.faults));
    args.push('--faults', path);
  }
  for (const [flag, value] of [
    ['--clock-file', options.clockFile],
    ['--faketimerc', options.faketimerc],
    ['--journal', options.journal],
    ['--restore', options.restore],
    ['--snapshot', options.snapshot],
  ] as const) {
    if (value !== undefined) {
      args.push(flag, value);
    }
  }
  return args;
}

function firstLine(
  child: ChildProcess,
): Promise<{ readonly url: string; readonly control: string; readonly pid: number }> {
  return new Promise((resolve, reject) => {
    let out = '';
    let errors = '';
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`fake-ec2 did not start: ${errors}`));
    }, START_MS);
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      out += text;
      const at = out.indexOf('\n');
      if (at !== -1) {
        clearTimeout(timer);
        resolve(JSON.parse(out.slice(0, at)));
      }
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      errors += text;
      process.stderr.write(text);
    });
    child.once('exit', () => {
      clearTimeout(timer);
      reject(new Error(`fake-ec2 ended: ${errors}`));
    });
  });
}
