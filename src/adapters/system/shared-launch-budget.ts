import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Bucket, drawn, type Level, putBack } from '../../core/burst/api-budget.ts';
import { Fault } from '../../core/errors.ts';
import type { LaunchBudget } from '../../ports/launch-budget.ts';
import type { Clock, Locks } from '../../ports/system.ts';
import { placeFile } from './place-file.ts';

const MODE = 0o640;
const LOCK = 'api-budget';
const LOCK_TRIES = 100;
const LOCK_PAUSE_MS = 5;
/** A longer wait is the caller's: it backs off as from EC2's own throttling, to its deadline. */
const WAIT_MAX_MS = 2000;
const MICROS_PER_MS = 1000;

/**
 * `<state_dir>/api-budget.json`, changed under a lock. The budget only keeps EC2 from throttling us: a
 * lock or a file that cannot be had never keeps a launch back.
 */
export class SharedLaunchBudget implements LaunchBudget {
  readonly #path: string;
  readonly #locks: Locks;
  readonly #clock: Clock;
  readonly #bucket: Bucket;

  constructor(stateDirectory: string, locks: Locks, clock: Clock, bucket: Bucket) {
    this.#path = join(stateDirectory, 'api-budget.json');
    this.#locks = locks;
    this.#clock = clock;
    this.#bucket = bucket;
  }

  async take(instances: number): Promise<boolean> {
    const first = await this.#draw(instances);
    if (first === 0 || first > WAIT_MAX_MS) {
      return first === 0;
    }
    await this.#clock.sleep(first);
    return (await this.#draw(instances)) === 0;
  }

  putBack(instances: number): void {
    const lock = this.#lock();
    if (lock !== undefined && instances > 0) {
      this.#write(putBack(this.#read(), this.#bucket, instances, this.#nowMs()));
    }
    lock?.release();
  }

  /** Milliseconds to wait; 0: taken. */
  async #draw(instances: number): Promise<number> {
    for (let tries = 0; tries < LOCK_TRIES; tries += 1) {
      const lock = this.#lock();
      if (lock !== undefined) {
        const { level, waitMs } = drawn(this.#read(), this.#bucket, instances, this.#nowMs());
        this.#write(level);
        lock.release();
        return waitMs;
      }
      await this.#clock.sleep(LOCK_PAUSE_MS);
    }
    return 0;
  }

  #nowMs(): number {
    return this.#clock.nowUs() / MICROS_PER_MS;
  }

  #lock(): { release(): void } | undefined {
    try {
      return this.#locks.take(LOCK);
    } catch (error) {
      if (error instanceof Fault) {
        return undefined;
      }
      throw error;
    }
  }

  #read(): Level | undefined {
    try {
      const level: unknown = JSON.parse(readFileSync(this.#path, 'utf8'));
      return isLevel(level) ? level : undefined;
    } catch {
      return undefined; // as if nobody had launched yet
    }
  }

  #write(level: Level): void {
    try {
      placeFile(this.#path, `${JSON.stringify(level)}\n`, { mode: MODE });
    } catch {
      // Then the next process finds the bucket fuller than it is, and EC2 may throttle it.
    }
  }
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
