import { isRefused } from '../../core/errors.ts';
import type { CostTold } from '../../core/estimate/cost-told.ts';
import type { HoldRow } from '../../core/ledger/rows.ts';
import { jobText } from '../../core/ledger/transactions.ts';
import { isOver } from '../../core/slurm/job-state.ts';
import type { CostFile, CostInbox } from '../../ports/cost-inbox.ts';
import type { Reports } from '../../ports/reports.ts';
import type { Log } from '../../ports/system.ts';
import { type BookPorts, bookCostOfHold, ofTold } from './book-cost-of-hold.ts';
import { findCostHold } from './find-cost-hold.ts';
import { isOfAccount } from './is-of-account.ts';

export interface ImportPorts extends BookPorts {
  readonly reports: Reports;
  readonly log: Pick<Log, 'write'>;
}

/** Files by what became of them; our own are none. */
export interface Imported {
  readonly imported: number;
  readonly failed: number;
  /** Not yet: it may be half written, its job may not be known yet or still run. */
  readonly waiting: number;
}

type Outcome = 'imported' | 'waiting' | { readonly problem: string };

/** Whoever writes a file has done so by then. */
const WRITTEN_SECONDS = 60;
const MICROS = 1_000_000;
const MS_PER_SECOND = 1000;

/** What a run of a file is taken in under, once (reliability.md 1.1): several number themselves. */
export function importKey({ sha256, told }: CostFile, run: CostTold): string {
  const at = told.indexOf(run);
  return at < 1 ? `import:${sha256}` : `import:${sha256}#${at + 1}`;
}

/**
 * The hold of a job that may still run is ended by what SLURM says (recover), unless the cost names it, or
 * nobody asks SLURM.
 */
function mayEnd(hold: HoldRow, told: CostTold, { settings }: ImportPorts): boolean {
  const isNamed = told.token === hold.token;
  const isOnly = hold.restart === 0 || told.submitS === hold.submitS;
  const asksNobody = !settings.budget.auto_recovery_enabled && isOnly;
  return isOver(told.state) && (isNamed || asksNobody);
}

function nameOf({ job, token }: CostTold): string {
  return job === undefined ? `txn_${token}` : (jobText(job.jobId, job.arrayTask ?? -1) ?? '');
}

async function importRun(
  file: CostFile,
  told: CostTold,
  { isOld, ports }: { readonly isOld: boolean; readonly ports: ImportPorts },
): Promise<Outcome> {
  const begunMs = ports.clock.monotonicMs();
  const { job, submitS, restart: run, token } = told;
  const transaction = token && `txn_${token}`;
  const hold = await findCostHold({ job, transaction, submitS, run }, ports);
  if (isRefused(hold)) {
    return hold.code === 'NOT_FOUND' && !isOld ? 'waiting' : { problem: hold.text };
  }
  if (!(await isOfAccount(told, hold, ports))) {
    return { problem: `account ${told.account ?? ''} does not pay ${nameOf(told)}` };
  }
  if (hold.state === 'open' && !mayEnd(hold, told, ports)) {
    return 'waiting';
  }
  const cost = { ...ofTold(told), source: 'file', key: importKey(file, told) } as const;
  const ref = job && { jobId: job.jobId, arrayTask: job.arrayTask };
  const more = { verb: 'import', metadata: '', begunMs, job: ref };
  const answer = await bookCostOfHold(hold, { ...cost, ...more }, ports);
  // Under another command this content was taken in before.
  return isRefused(answer) && answer.code !== 'KEY_REUSED' ? { problem: answer.text } : 'imported';
}

async function importFile(file: CostFile, ports: ImportPorts): Promise<Outcome> {
  const age = ports.clock.nowUs() / MICROS - file.changedS;
  if (file.problem !== '') {
    return age > WRITTEN_SECONDS ? { problem: file.problem } : 'waiting';
  }
  const isOld = age > ports.settings.budget.evidence_grace / MS_PER_SECOND;
  let outcome: Outcome = 'imported';
  for (const told of file.told) {
    const one = await importRun(file, told, { isOld, ports });
    if (typeof one !== 'string') {
      return one;
    }
    outcome = one === 'waiting' ? one : outcome;
  }
  return outcome;
}

/**
 * Takes in the cost files of other programs (budget.md 3.10): each as an amend, once for its content;
 * what was taken in is moved to `processed/`, what is wrong to `failed/` and logged. What asbb itself
 * wrote is left where it is.
 */
export async function importCosts(
  inbox: Pick<CostInbox, 'list' | 'filed'>,
  ports: ImportPorts,
): Promise<Imported> {
  const count = { imported: 0, failed: 0, waiting: 0 };
  for (const file of inbox.list()) {
    if (file.told.some(({ isOwn }) => isOwn)) {
      continue;
    }
    const outcome = await importFile(file, ports);
    if (outcome === 'imported') {
      inbox.filed(file.path, 'processed');
    } else if (outcome !== 'waiting') {
      ports.log.write('warn', 'cost_file_failed', { path: file.path, msg: outcome.problem });
      inbox.filed(file.path, 'failed');
    }
    count[typeof outcome === 'string' ? outcome : 'failed'] += 1;
  }
  return count;
}
