import type { Ledger } from '../../ports/ledger.ts';
import type { LedgerCare } from '../../ports/ledger-care.ts';
import type { Clock, Log } from '../../ports/system.ts';

export interface CheckPorts {
  readonly ledger: Ledger;
  readonly care: LedgerCare;
  readonly clock: Pick<Clock, 'nowUs'>;
  readonly log: Log;
}

const DAY_S = 86_400;
const MICROS_PER_SECOND = 1_000_000;
const WAL_BYTES_MAX = 64 * 1024 * 1024;
/** By depth, the deeper first: its note, and how often it runs (reliability.md 2.4). */
const CHECKS = [
  { depth: 'integrity', note: 'ledger:integrity_check', everyS: 7 * DAY_S },
  { depth: 'quick', note: 'ledger:quick_check', everyS: DAY_S },
] as const;

/** The deepest check that is due; what it found, '' when all is well. Undefined: none was due. */
export async function checkLedger(ports: CheckPorts): Promise<string | undefined> {
  const nowS = Math.floor(ports.clock.nowUs() / MICROS_PER_SECOND);
  const { walBytes } = await ports.care.info();
  if (walBytes > WAL_BYTES_MAX) {
    ports.log.write('warn', 'wal_is_long', { bytes: walBytes }); // a reader keeps it from being reset
  }
  const { notes } = await ports.ledger.read({ notes: CHECKS.map(({ note }) => note) });
  const due = CHECKS.find(({ note, everyS }) => nowS - Number(notes[note] ?? 0) >= everyS);
  if (due === undefined) {
    return undefined;
  }
  const found = await ports.care.check(due.depth);
  if (found !== '') {
    ports.log.write('error', 'ledger_check_failed', { check: due.depth, found });
    return found;
  }
  const value = String(nowS);
  await ports.ledger.decide({ scope: 'site', verb: 'maintain', args: {} }, {}, () => ({
    // A deep check is a quick one too.
    changes: CHECKS.slice(CHECKS.indexOf(due)).map(({ note: name }) => ({
      change: 'putNote',
      name,
      value,
    })),
    answer: null,
  }));
  return '';
}
