import { readFileSync } from 'node:fs';
import { Fault } from '../../core/errors.ts';
import type { Clock } from '../../ports/system.ts';

const MICROSECONDS = /^[0-9]{1,16}\s*$/u;

/** The machine's clock; with `test_clock` the number in that file, read anew each time. */
export class SystemClock implements Clock {
  readonly #testClock: string | undefined;

  constructor(testClock?: string | undefined) {
    this.#testClock = testClock;
  }

  nowUs(): number {
    if (this.#testClock === undefined) {
      return Date.now() * 1000;
    }
    const text = readFileSync(this.#testClock, 'utf8');
    if (!MICROSECONDS.test(text)) {
      throw new Fault(`test_clock ${this.#testClock} does not hold microseconds since 1970`);
    }
    return Number(text);
  }

  monotonicMs(): number {
    return performance.now();
  }

  sleep(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      setTimeout(resolve, milliseconds);
    });
  }
}
