// The control socket of a running fake EC2, whoever started it, typed.
import { request } from 'node:http';
import type { FaultRule } from '../fake-ec2/faults.ts';
import type { JournalEntry } from '../fake-ec2/journal.ts';
import type { WorldInput } from '../fake-ec2/world.ts';

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
            const { error } = JSON.parse(text) as { error: string };
            reject(new Error(`fake-ec2 ${method} ${path}: ${res.statusCode} ${error}`));
          }
        });
      });
      req.on('error', reject);
      req.end(body === undefined ? undefined : JSON.stringify(body));
    });
  }
}
