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
const WAL_BYTES_MAX = 64 * 1024 * 1024;
/** By depth: its note, and how often it runs (reliability.md 2.4). */
const CHECKS = [
  { depth: 'integrity', note: 'ledger:integrity_check', everyS: 7 * DAY_S },
  { depth: 'quick', note: 'ledger:quick_check', everyS: DAY_S },
] as const;

async function noteDone(ports: CheckPorts, name: string, nowS: number): Promise<void> {
  await ports.ledger.decide({ scope: 'site', verb: 'maintain', args: {} }, {}, () => ({
    changes: [{ change: 'putNote', name, value: String(nowS) }],
    answer: null,
  }));
}

/** The deepest check that is due; what it found, '' when all is well or nothing was due. */
async function runDue(ports: CheckPorts, nowS: number): Promise<string> {
  const { notes } = await ports.ledger.read({ notes: CHECKS.map(({ note }) => note) });
  const due = CHECKS.find(({ note, everyS }) => nowS - Number(notes[note] ?? 0) >= everyS);
  if (due === undefined) {
    return '';
  }
  const found = await ports.care.check(due.depth);
  if (found === '') {
    await noteDone(ports, due.note, nowS);
  } else {
    ports.log.write('error', 'ledger_check_failed', { check: due.depth, found });
  }
  return found;
}

/**
 * What every `maintain` does for the file itself: the check that is due, the head of the chain to log
 * and heads.log, a warning about a long WAL. Returns what a check found, '' when the ledger is sound.
 */
export async function checkLedger(ports: CheckPorts): Promise<string> {
  const found = await runDue(ports, Math.floor(ports.clock.nowUs() / 1_000_000));
  if (found !== '') {
    return found;
  }
  const head = await ports.care.recordHead();
  if (head !== undefined) {
    ports.log.write('info', 'journal_head', { seq: head.seq, hash: head.hash });
  }
  const { walBytes } = await ports.care.info();
  if (walBytes > WAL_BYTES_MAX) {
    ports.log.write('warn', 'wal_is_long', { bytes: walBytes });
  }
  return '';
}
