import { type JobRunFacts, jobKey, runsByJob } from '../core/burst/runs/job-runs.ts';
import { isRefused, type Refused } from '../core/errors.ts';
import { recommendationsOf, warningsOf } from '../core/estimate/advice.ts';
import type { CostTold } from '../core/estimate/cost-told.ts';
import { type CostFigures, costFigures } from '../core/estimate/figures.ts';
import { afterLiquidation } from '../core/grant/liquidation.ts';
import { invalid } from '../core/ledger/account-words.ts';
import { releaseHold } from '../core/ledger/end-hold.ts';
import { ownerOf } from '../core/ledger/hold-words.ts';
import type { ReconcileAnswer } from '../core/ledger/reconcile-hold.ts';
import type { HoldRow } from '../core/ledger/rows.ts';
import { type JobRef, jobText } from '../core/ledger/transactions.ts';
import { fromMicrosText, type Money, parseAmount, ZERO } from '../core/money/money.ts';
import { fraction, type Ratio } from '../core/money/ratio.ts';
import { isOver } from '../core/slurm/job-state.ts';
import type { CostFile, CostInbox } from '../ports/cost-inbox.ts';
import type { Reports } from '../ports/reports.ts';
import type { Slurm } from '../ports/slurm.ts';
import { secondPerson } from './steps/ask-correction.ts';
import {
  type BookPorts,
  bookCostOfHold,
  type CostToTell,
  ofTold,
} from './steps/book-cost-of-hold.ts';
import { findCostHold, jobOf } from './steps/find-cost-hold.ts';
import { importKey } from './steps/import-costs.ts';
import { isOfAccount } from './steps/is-of-account.ts';
import { type PricePorts, priceElapsed } from './steps/price-elapsed.ts';

export interface ReconcilePorts extends BookPorts, PricePorts {
  readonly reports: Reports;
  readonly slurm: Pick<Slurm, 'runsOf'>;
  readonly inbox: CostInbox;
  /** Real uid of the caller. */
  readonly uid: number;
}

/** As a person types it (budget.md 2.5). */
export interface ReconcileQuery {
  readonly job: string;
  readonly transaction?: string | undefined;
  readonly actualCost?: string | undefined;
  readonly amend: boolean;
  readonly release: boolean;
  readonly fromFile?: string | undefined;
  /** JSON text. */
  readonly metadata?: string | undefined;
  readonly run?: number | undefined;
  /** Although the liquidation period of the grant that pays is over. */
  readonly force: boolean;
  readonly dryRun: boolean;
}

export interface Reconciled {
  readonly answer: ReconcileAnswer;
  readonly estimate: Money | undefined;
  readonly figures: CostFigures;
  readonly warnings: readonly string[];
  readonly recommendations: readonly string[];
  /** Where the cost came from. */
  readonly origin: 'given' | 'file' | 'elapsed' | 'released';
  readonly isDryRun: boolean;
}

type Told = Omit<CostToTell, 'verb' | 'begunMs' | 'metadata' | 'job' | 'second'>;

interface Cost {
  /** A person says so: what is corrected by much needs a second one (budget.md 2.5). */
  readonly isByHand: boolean;
  readonly told: Told;
  readonly origin: Reconciled['origin'];
  readonly file?: CostFile | undefined;
  readonly isAws: boolean;
}

const METADATA_MAX = 65_536;

function isJson(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null;
  } catch {
    return false;
  }
}

function wrongQuery(query: ReconcileQuery): Refused | undefined {
  const ways = [query.actualCost, query.fromFile, query.release || undefined];
  if (ways.filter((way) => way !== undefined).length > 1) {
    return invalid('actual_cost', 'give one of --actual-cost, --from-file and --release');
  }
  const { metadata, actualCost } = query;
  if (metadata !== undefined && !(metadata.length <= METADATA_MAX && isJson(metadata))) {
    return invalid('job_metadata', '--metadata is not a JSON object', `as in '{"note":"late"}'`);
  }
  return actualCost === undefined || parseAmount(actualCost) !== undefined
    ? undefined
    : invalid(
        'actual_cost',
        `--actual-cost ${actualCost.slice(0, 40)}: not an amount`,
        'dollars with at most 6 decimals, as in 118.50',
      );
}

const PLAIN = {
  state: '',
  profile: '',
  priced: false,
  payload: '',
  source: 'api',
  amend: false,
} as const;

/** Given by a person: what sacct says of the job is not asked, so it teaches nothing. */
function given(actual: Money, amend: boolean): Cost {
  return { told: { ...PLAIN, actual, amend }, origin: 'given', isAws: false, isByHand: true };
}

function ofFile(file: CostFile, told: CostTold): Cost {
  return {
    told: { ...ofTold(told), source: 'file', key: importKey(file, told) },
    origin: 'file',
    file,
    isAws: told.isAws,
    isByHand: false,
  };
}

/** The run that a file tells of for this hold; VALIDATION_ERROR when it tells of another job. */
function runOfFile(file: CostFile, hold: HoldRow): CostTold | Refused {
  if (file.problem !== '') {
    return invalid('from_file', `${file.path}: ${file.problem}`);
  }
  const job = jobText(hold.jobId, hold.arrayTask);
  const own = file.told.filter(
    (told) =>
      job === undefined ||
      told.token === hold.token ||
      (told.job !== undefined && jobText(told.job.jobId, told.job.arrayTask ?? -1) === job),
  );
  const exact = own.find(({ submitS }) => submitS !== undefined && submitS === hold.submitS);
  return (
    exact ??
    own.at(-1) ??
    invalid('job_id', `${file.path} tells of another job`, `this one is ${job ?? 'not known'}`)
  );
}

/** What asbb itself wrote down from its ledger tells it nothing. */
async function foundFile(
  hold: HoldRow,
  job: string,
  ports: ReconcilePorts,
): Promise<Cost | undefined> {
  for (const file of ports.inbox.find(job)) {
    const told = runOfFile(file, hold);
    if (!(isRefused(told) || told.isOwn) && (await isOfAccount(told, hold, ports))) {
      return ofFile(file, told);
    }
  }
  return undefined;
}

async function factOf(
  hold: HoldRow,
  ref: JobRef,
  slurm: Pick<Slurm, 'runsOf'>,
): Promise<JobRunFacts | undefined> {
  const runs = runsByJob([], await slurm.runsOf([ref.jobId]));
  const own: readonly JobRunFacts[] =
    runs.get(jobKey({ jobId: ref.jobId, arrayTask: ref.arrayTask ?? -1 })) ?? [];
  return own.find(({ run }) => run.submitS === hold.submitS) ?? own.at(-1);
}

/** Priced by the time it took; one that never had a node cost nothing. */
async function elapsed(hold: HoldRow, ref: JobRef, ports: ReconcilePorts): Promise<Cost | Refused> {
  const fact = await factOf(hold, ref, ports.slurm);
  if (fact === undefined || !isOver(fact.state)) {
    const why = fact === undefined ? 'SLURM does not know it' : `it is ${fact.state.toLowerCase()}`;
    return invalid(
      'actual_cost',
      `no cost of job ${jobText(ref.jobId, ref.arrayTask ?? -1)} is known, and ${why}`,
      'give --actual-cost or --from-file',
    );
  }
  const amount = fact.nodeList === '' ? ZERO : await priceElapsed(hold, fact, ports);
  if (isRefused(amount)) {
    return invalid('actual_cost', amount.text, 'give --actual-cost or --from-file');
  }
  const { state, partition, endS } = fact;
  const told = { ...PLAIN, actual: amount, state, partition, endS, priced: true };
  return { told, origin: 'elapsed', isAws: false, isByHand: false };
}

async function namedFile(
  path: string,
  hold: HoldRow,
  ports: ReconcilePorts,
): Promise<Cost | Refused> {
  const file = ports.inbox.read(path);
  const told = runOfFile(file, hold);
  if (isRefused(told)) {
    return told;
  }
  return (await isOfAccount(told, hold, ports))
    ? { ...ofFile(file, told), file: undefined, isByHand: true } // a person's file stays where it is
    : invalid(
        'account',
        `${path} names account ${told.account ?? ''}, which does not pay this hold`,
      );
}

/** POLICY: the books of the grant that pays should be closed (budget.md 8.6). */
async function tooLate(
  hold: HoldRow,
  { force }: ReconcileQuery,
  { ledger }: ReconcilePorts,
): Promise<Refused | undefined> {
  const view = await ledger.read({ holds: { tokens: [hold.token], owners: true } });
  const { budget } = ownerOf(view, hold.budgetId);
  return budget.award && afterLiquidation(budget.award.award, view, force);
}

async function costOf(
  query: ReconcileQuery,
  hold: HoldRow,
  ref: JobRef,
  ports: ReconcilePorts,
): Promise<Cost | Refused> {
  const late = await tooLate(hold, query, ports);
  if (late !== undefined) {
    return late;
  }
  const amount = query.actualCost === undefined ? undefined : parseAmount(query.actualCost);
  if (amount !== undefined) {
    return given(amount, query.amend);
  }
  if (query.fromFile !== undefined) {
    return await namedFile(query.fromFile, hold, ports);
  }
  const name = jobText(ref.jobId, ref.arrayTask ?? -1) ?? '';
  return (await foundFile(hold, name, ports)) ?? (await elapsed(hold, ref, ports));
}

function efficiency(text: string | undefined): Ratio | undefined {
  return text === undefined ? undefined : fraction(text);
}

function reconciled(
  answer: ReconcileAnswer,
  { told, origin, isAws }: Cost,
  isDryRun: boolean,
): Reconciled {
  const estimate = answer.estimate === '' ? undefined : fromMicrosText(answer.estimate);
  const actual = fromMicrosText(answer.actualCharge);
  const figures = costFigures({ estimate, actual, hold: fromMicrosText(answer.originalHold) });
  const facts = {
    estimate,
    actual,
    state: told.state,
    cpuEfficiency: efficiency(told.performance?.cpuEfficiency),
    memoryEfficiency: efficiency(told.performance?.memoryEfficiency),
    isAws,
  };
  return {
    answer,
    estimate,
    figures,
    warnings: warningsOf(facts, figures),
    recommendations: recommendationsOf(facts, figures),
    origin,
    isDryRun,
  };
}

/** `--release`: it cost nothing, the hold goes back whole. */
async function released(
  hold: HoldRow,
  query: ReconcileQuery,
  ports: ReconcilePorts,
): Promise<Reconciled | Refused> {
  const { token } = hold;
  const where = { holds: { tokens: [token], owners: true } };
  const request = {
    scope: ports.settings.slurm.cluster_name,
    verb: 'reconcile',
    args: { token, release: true, ...(query.metadata && { metadata: query.metadata }) },
    audited: true,
  };
  const view = await ports.ledger.read(where);
  const foreseen = releaseHold(view, { token, cause: 'manual' });
  const answered =
    query.dryRun || isRefused(foreseen)
      ? foreseen
      : await ports.ledger.decide(request, where, (now) =>
          releaseHold(now, { token, cause: 'manual' }),
        );
  if (isRefused(answered)) {
    return answered;
  }
  const { amount, state } = answered.answer;
  const cost = given(ZERO, false);
  const answer: ReconcileAnswer = {
    ...{ token, state, account: '', job: jobText(hold.jobId, hold.arrayTask) ?? '', estimate: '' },
    ...{ originalHold: amount, actualCharge: '0', refund: amount, additional: '0' },
    ...{ alreadyReconciled: hold.state !== 'open', seq: 0, reconciliationId: '' },
    ...{ modelUpdated: false, amended: false, proposal: null },
  };
  const shown = reconciled(answer, { ...cost, origin: 'released' }, query.dryRun);
  return { ...shown, warnings: [] };
}

function tellOf(
  { told, isByHand }: Cost,
  { metadata, dryRun }: ReconcileQuery,
  { job, begunMs, ports }: Pick<CostToTell, 'job' | 'begunMs'> & { readonly ports: ReconcilePorts },
): CostToTell {
  return {
    ...told,
    ...{ job, begunMs, verb: 'reconcile', dryRun },
    metadata: metadata ?? (told.priced ? '{"estimated":true}' : ''),
    second: isByHand ? secondPerson(ports) : undefined,
  };
}

/**
 * `asbb reconcile` (budget.md 2.5, 4.3): charges what a job really cost and gives the rest back. The
 * cost is given, or stands in a file, or is the price of the time it took. NOT_FOUND; VALIDATION_ERROR;
 * ALREADY_RECONCILED; IN_USE; POLICY (after the liquidation period, unless forced). A Fault (75) when
 * SLURM had to be asked and does not answer.
 */
export async function reconcile(
  query: ReconcileQuery,
  ports: ReconcilePorts,
): Promise<Reconciled | Refused> {
  const begunMs = ports.clock.monotonicMs();
  const job = jobOf(query.job);
  const wrong = isRefused(job) ? job : wrongQuery(query);
  if (isRefused(job) || wrong !== undefined) {
    return wrong ?? invalid('job_id', 'job_id is required');
  }
  const { transaction, run } = query;
  const hold = await findCostHold({ job, transaction, run }, ports);
  if (isRefused(hold)) {
    return hold;
  }
  if (query.release) {
    return await released(hold, query, ports);
  }
  const cost = await costOf(query, hold, job, ports);
  if (isRefused(cost)) {
    return cost;
  }
  const answer = await bookCostOfHold(hold, tellOf(cost, query, { job, begunMs, ports }), ports);
  if (isRefused(answer)) {
    return answer;
  }
  if (cost.file?.told.length === 1 && !query.dryRun) {
    ports.inbox.filed(cost.file.path, 'processed');
  }
  return reconciled(answer, cost, query.dryRun);
}
