import type { Pricing } from '../core/burst/price-job.ts';
import type { Settings } from '../core/config/settings.ts';
import { isRefused, type Refused } from '../core/errors.ts';
import { type Estimate, type EstimateAsk, estimateJob } from '../core/estimate/estimate.ts';
import { badPartition, invalid } from '../core/ledger/account-words.ts';
import type { Decision } from '../core/ledger/change.ts';
import { type CheckAnswer, type CheckHold, checkHold } from '../core/ledger/check-hold.ts';
import { accountSums } from '../core/ledger/sums.ts';
import { parseJob } from '../core/ledger/transactions.ts';
import { payerOf } from '../core/ledger/usable.ts';
import type { Query, View } from '../core/ledger/view.ts';
import { parseAmount, toMicrosText, ZERO } from '../core/money/money.ts';
import { parseMemory } from '../core/slurm/tres.ts';
import { parseWallTime } from '../core/slurm/wall-time.ts';
import type { Ledger } from '../ports/ledger.ts';
import type { Reports } from '../ports/reports.ts';
import type { Ids, Log } from '../ports/system.ts';
import { afterDue, withDue } from './steps/after-due.ts';
import { unknownAccount } from './steps/ask-account.ts';

export interface CheckPorts {
  readonly settings: Settings;
  readonly ledger: Ledger;
  readonly reports: Reports;
  readonly ids: Ids;
  readonly log: Log;
  /** Read when a price is needed. */
  readonly pricing: () => Pricing;
  readonly uid: number;
}

/** A job as a person or a program describes it (budget.md 3.2). */
export interface CheckQuery {
  /** As SLURM names it. */
  readonly account: string;
  /** `a,b`; '': `slurm.default_partition`. */
  readonly partition: string;
  readonly nodes: number;
  readonly cpus: number;
  readonly gpus: number;
  readonly memory?: string | undefined;
  readonly time: string;
  readonly user: string;
  readonly jobId?: string | undefined;
  readonly estimatedCost?: string | undefined;
  readonly profile: string;
  readonly key?: string | undefined;
  readonly dryRun: boolean;
}

export interface CheckResult extends CheckAnswer {
  readonly isDryRun: boolean;
}

const RANDOM_KEY_BYTES = 16;
const MS_PER_SECOND = 1000;
const KEY = /^[\x21-\x7e]{1,100}$/u;
const COUNT_MAX = 1_000_000;
const USER_LENGTH_MAX = 255;

interface Asked {
  readonly estimate: Omit<EstimateAsk, 'account'>;
  readonly run: { readonly jobId: number; readonly arrayTask: number } | undefined;
}

function wrongCount(query: CheckQuery): Refused | undefined {
  const counts = [
    ['nodes', query.nodes, 1],
    ['cpus', query.cpus, 1],
    ['gpus', query.gpus, 0],
  ] as const;
  const wrong = counts.find(
    ([, count, least]) => !Number.isSafeInteger(count) || count < least || count > COUNT_MAX,
  );
  return (
    wrong && invalid(wrong[0], `${wrong[0]} must be at least ${wrong[2]}, at most ${COUNT_MAX}`)
  );
}

function wrongText(query: CheckQuery, asked: Asked['estimate'] | undefined): Refused | undefined {
  if (query.account === '') {
    return invalid('account', 'account is required', 'give --account, or set ASBB_ACCOUNT');
  }
  if (asked === undefined) {
    return invalid(
      'wall_time',
      `${query.time.slice(0, 40)}: not a time`,
      'as in 2h, 90:00 or 1-12',
    );
  }
  if (query.user.trim() === '' || query.user.length > USER_LENGTH_MAX) {
    return invalid('user_id', `--user has 1 to ${USER_LENGTH_MAX} characters`, 'whose job it is');
  }
  if (query.memory !== undefined && asked.memoryMib === undefined) {
    return invalid('memory', `${query.memory.slice(0, 40)}: not an amount of memory`, 'as in 16G');
  }
  if (query.estimatedCost !== undefined && asked.given === undefined) {
    const text = `${query.estimatedCost.slice(0, 40)}: not an amount`;
    return invalid('estimated_cost', text, 'dollars with at most 6 decimals, as in 12.50');
  }
  if (query.key !== undefined && !KEY.test(query.key)) {
    return invalid('key', '--key has 1 to 100 visible ASCII characters');
  }
  return undefined;
}

function estimateAsk(query: CheckQuery, settings: Settings): Asked['estimate'] | undefined {
  const wallTime = parseWallTime(query.time);
  const partitions = (query.partition.trim() || settings.slurm.default_partition)
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  const { nodes, cpus, gpus, memory, profile, estimatedCost } = query;
  return wallTime === undefined
    ? undefined
    : {
        partitions,
        nodes,
        cpus,
        gpus,
        wallTime,
        profile,
        memoryMib: memory === undefined ? undefined : parseMemory(memory),
        given: estimatedCost === undefined ? undefined : parseAmount(estimatedCost),
      };
}

function asked(query: CheckQuery, settings: Settings): Asked | Refused {
  const estimate = estimateAsk(query, settings);
  const wrong = wrongCount(query) ?? wrongText(query, estimate);
  if (wrong !== undefined || estimate === undefined) {
    return wrong ?? invalid('wall_time', 'wall_time is required');
  }
  const badName = estimate.partitions.map(badPartition).find((each) => each !== undefined);
  if (badName !== undefined) {
    return badName;
  }
  const job = query.jobId === undefined ? undefined : parseJob(query.jobId);
  if (query.jobId !== undefined && job === undefined) {
    return invalid('job_id', `${query.jobId.slice(0, 40)}: not a job id`, 'as in 123 or 123_4');
  }
  return { estimate, run: job && { jobId: job.jobId, arrayTask: job.arrayTask ?? -1 } };
}

/** The estimate with what was learned of this account; refused as the account or the job is. */
async function estimated(
  query: CheckQuery,
  ask: Asked['estimate'],
  ports: CheckPorts,
): Promise<Estimate | Refused> {
  const payer = { slurmAccount: query.account, userName: query.user };
  const who = await ports.ledger.read({ payer });
  const found = payerOf(who, query.account);
  if (isRefused(found)) {
    return found.code === 'NOT_FOUND' ? await unknownAccount(query.account, ports.reports) : found;
  }
  const account = found.account.account.name;
  const partition = ask.partitions[0] ?? '';
  const learning = { account, partition, profile: ask.profile };
  const { learning: learned } = await ports.ledger.read({ learning });
  return estimateJob({ ...ask, account }, ports.pricing(), learned?.models ?? []);
}

/**
 * May this job run, and what would it cost (budget.md 4.2). Places a hold in the one transaction that
 * looks, unless `dryRun`. VALIDATION_ERROR, NOT_FOUND, ACCOUNT_INACTIVE, ACCOUNT_EXPIRED, FORBIDDEN,
 * IN_USE, ADVISOR_UNAVAILABLE; want of money is an answer.
 */
export async function check(query: CheckQuery, ports: CheckPorts): Promise<CheckResult | Refused> {
  const { settings, ledger } = ports;
  const job = asked(query, settings);
  if (isRefused(job)) {
    return job;
  }
  const estimate = await estimated(query, job.estimate, ports);
  if (isRefused(estimate)) {
    return estimate;
  }
  const { run } = job;
  const where: Query = {
    payer: {
      slurmAccount: query.account,
      userName: query.user,
      periods: settings.grant_management.enforce_period_budget,
    },
    ...(run === undefined ? {} : { holds: { jobIds: [run.jobId] } }),
  };
  const ask = holdAsk(query, estimate, ports);
  function choose(view: View): Decision<CheckAnswer> | Refused {
    return checkHold(view, ask(view.nowS, run));
  }
  if (query.dryRun) {
    const view = await ledger.read(where);
    const first = choose(view);
    const decision =
      !isRefused(first) && isShort(first) ? choose(await withDue(view, ports)) : first;
    return isRefused(decision)
      ? decision
      : { ...decision.answer, ...notPlaced(view), isDryRun: true };
  }
  const key = query.key ?? ports.ids.hex(RANDOM_KEY_BYTES);
  const request = {
    scope: `uid:${ports.uid}`,
    key: `check:${query.account}:${key}`,
    verb: 'check',
    args: requestArgs(query),
  };
  const answered = await afterDue(
    ports,
    query.account,
    () => ledger.decide(request, where, choose),
    (answer) => !isRefused(answer) && isShort(answer),
  );
  if (isRefused(answered)) {
    return answered;
  }
  const answer: CheckAnswer = answered.answer;
  return { ...answer, isDryRun: false };
}

/** Want of money, not of room in a partition: what is due by calendar may help. */
function isShort({ answer }: { readonly answer: CheckAnswer }): boolean {
  return answer.code === 'INSUFFICIENT_BUDGET';
}

function requestArgs({ key: _key, dryRun: _dryRun, ...query }: CheckQuery): Record<string, string> {
  const given = Object.entries(query).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given.map(([name, value]) => [name, String(value)]));
}

/** Nothing is held of it; what remains is as if it were (budget.md 4.2). */
function notPlaced({ payer }: View): Pick<CheckAnswer, 'token' | 'currentHold'> {
  const held = payer === undefined ? ZERO : accountSums(payer.account).held;
  return { token: '', currentHold: toMicrosText(held) };
}

type Ask = (nowS: number, run: Asked['run']) => CheckHold;

function holdAsk(query: CheckQuery, estimate: Estimate, { settings, ids }: CheckPorts): Ask {
  const token = ids.token();
  const { budget } = settings;
  return (nowS, run) => ({
    token,
    slurmAccount: query.account,
    partitions: estimate.partitions,
    userName: query.user,
    amount: estimate.hold,
    tasks: 1,
    expiresS: nowS + Math.ceil(budget.reconciliation_timeout / MS_PER_SECOND),
    pricing: estimate.pricing,
    // A job named without its submit time has that of its hold (budget.md 4.3).
    run: run && { ...run, submitS: nowS, restart: 0 },
    allowNegative: budget.allow_negative_balance,
    userOpenHoldsMax: query.user === '' ? undefined : budget.user_open_holds_max,
    estimate: toMicrosText(estimate.estimate),
    confidence: estimate.confidence,
    recommendation: estimate.recommendation,
  });
}
