import { closeSync, openSync, readdirSync, unlinkSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

// SQLite's write lock is not fair: whoever asks in the right moment has it, and where 64 wait the
// unlucky wait for seconds. Who has to wait therefore takes a number: a file beside the ledger, whose
// name says when it came. It is a courtesy only, the lock decides: a number that a killed process left
// behind, or none where none can be written, costs fairness and nothing else.

const STAMP_DIGITS = 16;
const US_PER_MS = 1000;

export interface Turn {
  /** How many others that still wait came before. */
  ahead(): number;
  leave(): void;
}

const NOBODY: Turn = { ahead: () => 0, leave: () => undefined };

interface Ticket {
  readonly name: string;
  readonly untilUs: number;
}

function stamp(us: number): string {
  return String(us).padStart(STAMP_DIGITS, '0');
}

/** `<ledger>-wait-<came>-<waits until>-<pid>`; microseconds. */
function ticketsIn(folder: string, prefix: string): readonly Ticket[] {
  return readdirSync(folder)
    .filter((name) => name.startsWith(prefix))
    .map((name) => ({ name, untilUs: Number(name.slice(prefix.length).split('-')[1]) }));
}

/** Best effort: another may have removed it, or it is not ours to remove. */
function remove(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // It runs out by itself.
  }
}

/** Lines up for at most `waitMs`. `ahead` also clears away the numbers that ran out. */
export function takeTurn(file: string, waitMs: number): Turn {
  const [folder, prefix] = [dirname(file), `${basename(file)}-wait-`];
  const cameUs = Math.round((performance.timeOrigin + performance.now()) * US_PER_MS);
  const mine = `${prefix}${stamp(cameUs)}-${stamp(cameUs + waitMs * US_PER_MS)}-${process.pid}`;
  try {
    closeSync(openSync(join(folder, mine), 'wx', 0o640));
  } catch {
    return NOBODY; // a full disk, a folder that is not ours
  }
  return {
    ahead: () => {
      const nowUs = (performance.timeOrigin + performance.now()) * US_PER_MS;
      const before = ticketsIn(folder, prefix).filter(({ name }) => name < mine);
      const gone = before.filter(({ untilUs }) => !(untilUs >= nowUs));
      for (const { name } of gone) {
        remove(join(folder, name));
      }
      return before.length - gone.length;
    },
    leave: () => {
      remove(join(folder, mine));
    },
  };
}
