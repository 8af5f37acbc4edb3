import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  API_BUCKETS,
  type ApiBucket,
  type Buckets,
  type Drawn,
  drawn,
  type Level,
  type Levels,
  leaseOf,
  putBack,
} from '../../core/burst/api-budget.ts';
import { ownerOf } from '../../native/owner-of.ts';
import type { ApiBudget } from '../../ports/api-budget.ts';
import type { Clock, Locks, Log } from '../../ports/system.ts';
import { placeFile } from './place-file.ts';

const MODE = 0o640;
const LOCK = 'api-budget';
const LOCK_TRIES = 100;
const LOCK_PAUSE_MS = 5;
const CLOSE_TRIES = 3;
/** Of a run that named no end. */
const WAIT_MAX_MS = 30_000;
/** Looking and ending may wait so long also when the run is over: cleaning up needs both. */
const CLEANING_MS = 5000;
/** So much is waited for at once while calls queue up: a look at the file for each would cost more. */
const ROUND_MS = 1000;
const MICROS_PER_MS = 1000;
const MS_PER_SECOND = 1000;

export interface ApiBudgetPorts {
  readonly locks: Locks;
  readonly clock: Clock;
  readonly log: Log;
}

interface Queue {
  /** Calls take their turn in the order in which they came. */
  last: Promise<unknown>;
  waiting: number;
  /** Taken from the file and not yet used. */
  held: number;
  leases: number;
}

interface Ask {
  readonly least: number;
  readonly most: number;
}

/**
 * `<state_dir>/api-budget.json`, changed under a lock. A process takes tokens ahead in small leases, so
 * that a thousand calls are some tens of looks at the file; a crash loses its lease, which refills. The
 * budget only keeps EC2 from throttling us: while lock or file cannot be had, a process has buckets of
 * its own, which begin full, and EC2's throttling with its backoff is the limit.
 */
export class SharedApiBudget implements ApiBudget {
  readonly #directory: string;
  readonly #ports: ApiBudgetPorts;
  readonly #buckets: Buckets;
  readonly #queues: Readonly<Record<ApiBucket, Queue>>;
  #deadline: { leftMs(): number } | undefined;
  /** In place of the file, once that has failed. */
  #own: Levels | undefined;

  constructor(stateDirectory: string, ports: ApiBudgetPorts, buckets: Buckets) {
    this.#directory = stateDirectory;
    this.#ports = ports;
    this.#buckets = buckets;
    this.#queues = { launch: queue(), describe: queue(), terminate: queue(), mutate: queue() };
  }

  waitUntil(deadline: { leftMs(): number }): void {
    this.#deadline = deadline;
  }

  async take(bucket: ApiBucket, tokens: number): Promise<boolean> {
    const own = this.#queues[bucket];
    own.waiting += tokens;
    const turn = own.last.then(() => this.#takeInTurn(bucket, tokens));
    own.last = turn.catch(() => undefined);
    try {
      return await turn;
    } finally {
      own.waiting -= tokens;
    }
  }

  async draw(bucket: ApiBucket, tokens: number): Promise<number> {
    const { waitMs } = await this.#draw(bucket, { least: tokens, most: tokens });
    return waitMs;
  }

  async putBack(bucket: ApiBucket, tokens: number): Promise<void> {
    if (tokens > 0) {
      await this.#underLock((levels) => {
        const level = putBack(levels[bucket], this.#buckets[bucket], tokens, this.#nowMs());
        return { levels: { ...levels, [bucket]: level } };
      });
    }
  }

  close(): void {
    const left = API_BUCKETS.filter((bucket) => this.#queues[bucket].held > 0);
    for (let tries = 0; tries < CLOSE_TRIES && left.length > 0; tries += 1) {
      const lock = this.#own === undefined ? this.#lock() : undefined;
      if (lock !== undefined) {
        this.#give(left);
        lock.release();
        return;
      }
    }
  }

  #give(left: readonly ApiBucket[]): void {
    let levels = this.#read();
    for (const bucket of left) {
      const own = this.#queues[bucket];
      const level = putBack(levels[bucket], this.#buckets[bucket], own.held, this.#nowMs());
      levels = { ...levels, [bucket]: level };
      own.held = 0;
    }
    this.#write(levels);
  }

  async #takeInTurn(bucket: ApiBucket, tokens: number): Promise<boolean> {
    const own = this.#queues[bucket];
    const { clock } = this.#ports;
    const beganMs = clock.monotonicMs();
    while (own.held < tokens) {
      const least = tokens - own.held;
      const ahead = Math.max(own.waiting - own.held, leaseOf(this.#buckets[bucket], own.leases));
      const { taken, waitMs } = await this.#draw(bucket, { least, most: Math.max(least, ahead) });
      own.held += taken;
      own.leases += 1;
      if (waitMs > 0) {
        const left = this.#waitsMs(bucket) - (clock.monotonicMs() - beganMs);
        if (waitMs > left) {
          return false;
        }
        await clock.sleep(Math.min(left, Math.max(waitMs, this.#roundMs(bucket))));
      }
    }
    own.held -= tokens;
    return true;
  }

  /** Until all that queue may go, a second at most. */
  #roundMs(bucket: ApiBucket): number {
    const { waiting, held } = this.#queues[bucket];
    const wanted = (waiting - held) / this.#buckets[bucket].per_second;
    return Math.min(ROUND_MS, Math.ceil(wanted * MS_PER_SECOND));
  }

  #waitsMs(bucket: ApiBucket): number {
    const left = this.#deadline?.leftMs() ?? WAIT_MAX_MS;
    switch (bucket) {
      case 'describe':
        return Math.max(left, CLEANING_MS);
      case 'terminate':
        return CLEANING_MS; // whoever ends instances repeats it, by a deadline of its own
      case 'launch':
      case 'mutate':
        return left;
    }
  }

  async #draw(bucket: ApiBucket, ask: Ask): Promise<Drawn> {
    return await this.#underLock((levels) => {
      const result = drawn(levels[bucket], this.#buckets[bucket], ask, this.#nowMs());
      return { ...result, levels: { ...levels, [bucket]: result.level } };
    });
  }

  async #underLock<T extends { readonly levels: Levels }>(act: (levels: Levels) => T): Promise<T> {
    for (let tries = 0; tries < LOCK_TRIES && this.#own === undefined; tries += 1) {
      const lock = this.#lock();
      if (lock !== undefined) {
        try {
          const result = act(this.#read());
          this.#write(result.levels);
          return result;
        } finally {
          lock.release();
        }
      }
      await this.#ports.clock.sleep(LOCK_PAUSE_MS);
    }
    const result = act(this.#own ?? this.#alone('its lock is held', {}));
    this.#own = result.levels;
    return result;
  }

  #nowMs(): number {
    return this.#ports.clock.nowUs() / MICROS_PER_MS;
  }

  /** Undefined: another process has it, or it cannot be had at all. */
  #lock(): { release(): void } | undefined {
    try {
      return this.#ports.locks.take(LOCK);
    } catch (error) {
      this.#own = this.#alone(messageOf(error), {});
      return undefined;
    }
  }

  #read(): Levels {
    try {
      return levelsIn(readFileSync(this.#path, 'utf8'));
    } catch (error) {
      if (!isMissing(error)) {
        this.#ports.log.write('warn', 'api_budget_reset', { msg: messageOf(error) });
      }
      return {}; // as if nobody had called yet
    }
  }

  #write(levels: Levels): void {
    try {
      placeFile(this.#path, `${JSON.stringify(levels)}\n`, {
        mode: MODE,
        isCache: true,
        ...ownerOf(this.#directory),
      });
    } catch (error) {
      this.#own = this.#alone(messageOf(error), levels);
    }
  }

  #alone(msg: string, levels: Levels): Levels {
    this.#ports.log.write('warn', 'api_budget_unshared', { msg });
    return levels;
  }

  get #path(): string {
    return join(this.#directory, 'api-budget.json');
  }
}

function queue(): Queue {
  return { last: Promise.resolve(), waiting: 0, held: 0, leases: 0 };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

/** A bucket that is not as we write it counts as not used yet. */
function levelsIn(text: string): Levels {
  const parsed: unknown = JSON.parse(text);
  if (typeof parsed !== 'object' || parsed === null) {
    throw new Error('api-budget.json holds no buckets');
  }
  const found = new Map<string, unknown>(Object.entries(parsed));
  return Object.fromEntries(
    API_BUCKETS.flatMap((bucket) => {
      const level = found.get(bucket);
      return isLevel(level) ? [[bucket, level] as const] : [];
    }),
  );
}

function isLevel(value: unknown): value is Level {
  return (
    typeof value === 'object' &&
    value !== null &&
    'tokens' in value &&
    'atMs' in value &&
    Number.isFinite(value.tokens) &&
    Number.isFinite(value.atMs)
  );
}
