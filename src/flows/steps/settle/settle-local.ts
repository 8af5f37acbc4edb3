import { isRefused, type Refused } from '../../../core/errors.ts';
import type { CostTold } from '../../../core/estimate/cost-told.ts';
import { holdEstimate } from '../../../core/estimate/hold-estimate.ts';
import type { HoldRow } from '../../../core/ledger/rows.ts';
import { jobText } from '../../../core/ledger/transactions.ts';
import type { CostFile, CostInbox } from '../../../ports/cost-inbox.ts';
import { bookCostOfHold, type CostToTell, ofTold } from '../book-cost-of-hold.ts';
import { importKey } from '../import-costs.ts';
import { isOfAccount } from '../is-of-account.ts';
import { isBurst, priceElapsed } from '../price-elapsed.ts';
import type { Finished } from './finished-holds.ts';
import { type Evidence, type SettlePorts, tried } from './pass.ts';

export interface LocalOutcome {
  readonly hold: HoldRow;
  readonly action: 'reconciled' | 'kept' | 'failed';
  readonly reason: string;
}

/** A real cost may still come so long after the end (budget.md 5). */
const STILL_COMING_SECONDS = 3600;

/** A run that had nodes, but no instance of ours: only a cost file or its time tells what it cost. */
export function isLocal({ settings }: Pick<SettlePorts, 'settings'>, finished: Finished): boolean {
  const { hold, fact, touched } = finished;
  return (
    fact !== undefined &&
    fact.nodeList !== '' &&
    touched.length === 0 &&
    holdEstimate(hold).isChecked &&
    !isBurst({ settings }, fact.partition)
  );
}

/** Settles those runs one by one: a failure is told and the others go on. */
export async function settleLocal(
  ports: SettlePorts,
  evidence: Evidence,
  finished: readonly Finished[],
): Promise<readonly LocalOutcome[]> {
  const outcomes: LocalOutcome[] = [];
  for (const each of finished) {
    const outcome = await tried(ports, each.hold.token, () => settleOne(ports, evidence, each));
    outcomes.push(outcome ?? { hold: each.hold, action: 'failed', reason: 'see the log' });
  }
  return outcomes;
}

async function settleOne(
  ports: SettlePorts,
  evidence: Evidence,
  finished: Finished,
): Promise<LocalOutcome | Refused> {
  const { hold, fact } = finished;
  const { local } = ports;
  if (local === undefined || fact === undefined) {
    return { hold, action: 'kept', reason: 'its cost is not known' };
  }
  const file = await costFile(ports, local.inbox, hold);
  if (file !== undefined) {
    return await byFile(ports, finished, file);
  }
  const endS = fact.endS ?? evidence.nowS;
  if (evidence.nowS - endS < STILL_COMING_SECONDS) {
    return { hold, action: 'kept', reason: 'job ended, its cost may still come' };
  }
  if (!local.mayPrice) {
    return { hold, action: 'kept', reason: 'job ended, no cost known: --reconcile-orphaned' };
  }
  const actual = await priceElapsed(hold, fact, { ...ports, pricing: local.pricing });
  if (isRefused(actual)) {
    return actual;
  }
  const { state, partition } = fact;
  return await booked(ports, hold, {
    ...{ actual, endS, state, partition, profile: '', payload: '', amend: false, priced: true },
    ...{ source: 'epilog', metadata: '{"estimated":true}' },
  });
}

type Told = Omit<CostToTell, 'verb' | 'begunMs' | 'job' | 'dryRun'>;

async function booked(
  ports: SettlePorts,
  hold: HoldRow,
  told: Told,
): Promise<LocalOutcome | Refused> {
  const begunMs = ports.clock.monotonicMs();
  const answer = await bookCostOfHold(hold, { ...told, verb: 'recover', begunMs }, ports);
  if (isRefused(answer)) {
    return answer;
  }
  const how = told.priced ? 'time priced' : 'cost file';
  return { hold, action: 'reconciled', reason: `job ${told.state.toLowerCase()}, ${how}` };
}

interface Found {
  readonly file: CostFile;
  readonly told: CostTold;
}

async function costFile(
  ports: SettlePorts,
  inbox: Pick<CostInbox, 'find'>,
  hold: HoldRow,
): Promise<Found | undefined> {
  const job = jobText(hold.jobId, hold.arrayTask) ?? '';
  for (const file of inbox.find(job)) {
    const own = file.told.filter(({ isOwn }) => !isOwn);
    const told = own.find(({ submitS }) => submitS === hold.submitS) ?? own.at(-1);
    if (told !== undefined && (await isOfAccount(told, hold, ports))) {
      return { file, told };
    }
  }
  return undefined;
}

async function byFile(
  ports: SettlePorts,
  { hold, fact }: Finished,
  { file, told }: Found,
): Promise<LocalOutcome | Refused> {
  const of = ofTold(told);
  const outcome = await booked(ports, hold, {
    ...of,
    state: of.state === '' ? (fact?.state ?? '') : of.state,
    endS: of.endS ?? fact?.endS,
    partition: of.partition ?? fact?.partition,
    key: importKey(file, told),
    source: 'file',
    metadata: '',
  });
  if (!isRefused(outcome) && file.told.length === 1) {
    // One that tells of several runs stays until the import has taken in all of them.
    ports.local?.inbox.filed(file.path, 'processed');
  }
  return outcome;
}
