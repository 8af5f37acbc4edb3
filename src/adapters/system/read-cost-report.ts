import { type CostData, CostReport, MONEY_KEYS } from '../../../schema/input/cost-report.ts';
import type { CostTold } from '../../core/estimate/cost-told.ts';
import { parseStart } from '../../core/grant/calendar.ts';
import { parseJob } from '../../core/ledger/transactions.ts';
import { parseForeignAmount } from '../../core/money/estimate.ts';
import { isNegative } from '../../core/money/money.ts';
import { firstWord } from '../../core/slurm/job-state.ts';

/** The third argument of a reviver (ES2025, JSON.parse source text access) is not in the types yet. */
type Reviver = (key: string, value: unknown, context: { readonly source?: string }) => unknown;

/** Amounts stay the text that they were written as: no binary fraction ever holds money. */
function revived(key: string, value: unknown, context: { readonly source?: string }): unknown {
  return typeof value === 'number' && MONEY_KEYS.has(key) ? (context.source ?? value) : value;
}

const revive: Reviver = revived;
const TRAITS = ['compute', 'memory', 'io', 'network'] as const;
const DIGITS = 9;
const TOKEN = /^(?:txn_)?([0-9a-z]{6,26}(?:\.[0-9a-z]{1,12}){0,2})$/u;

function share(value: number | undefined): string | undefined {
  return value?.toFixed(DIGITS);
}

function traitsOf(data: CostData): readonly string[] {
  const { performance_profile: profile = '' } = data;
  return TRAITS.filter(
    (trait) => data[`${trait}_intensive`] === true || profile.includes(`${trait}_intensive`),
  );
}

function performanceOf(data: CostData): CostTold['performance'] {
  const { optimization_opportunities, similar_job_patterns, resource_recommendations } = data;
  const advice = { optimization_opportunities, similar_job_patterns, resource_recommendations };
  const shares = [data.cpu_efficiency, data.memory_efficiency, data.gpu_efficiency];
  return shares.every((each) => each === undefined) && data.performance_profile === undefined
    ? undefined
    : {
        cpuEfficiency: share(data.cpu_efficiency),
        memoryEfficiency: share(data.memory_efficiency),
        gpuEfficiency: share(data.gpu_efficiency),
        traits: traitsOf(data),
        advice: JSON.stringify(advice),
      };
}

function stateOf({ job_state, success }: CostData): string {
  if (job_state !== undefined) {
    return firstWord(job_state);
  }
  if (success === undefined) {
    return '';
  }
  return success ? 'COMPLETED' : 'FAILED';
}

function instant(text: string | undefined): number | undefined {
  return text === undefined ? undefined : parseStart(text, 'UTC');
}

/** Undefined: its cost is no amount that an account could bear. */
function toldOf(data: CostData): CostTold | undefined {
  const actual = parseForeignAmount(data.actual_cost);
  const id = data.job_id ?? data.slurm_job_id;
  const token = TOKEN.exec(data.budget_transaction_id ?? '')?.[1];
  return actual === undefined || isNegative(actual)
    ? undefined
    : {
        job: id === undefined ? undefined : parseJob(String(id)),
        token,
        account: data.account === '' ? undefined : data.account,
        partition: data.partition === '' ? undefined : data.partition,
        submitS: instant(data.submitted_at),
        restart: data.restart_count,
        actual,
        state: stateOf(data),
        endS: instant(data.completed_at),
        profile: data.performance_profile ?? '',
        performance: performanceOf(data),
        isAws: data.burst_decision === 'AWS',
        isOwn: data.schema?.startsWith('asbb.cost/') === true,
        payload: JSON.stringify(data),
      };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text, revive as (key: string, value: unknown) => unknown);
  } catch {
    return undefined; // no JSON: whoever asked is told so
  }
}

/** What a cost file tells, run by run; or why it cannot be understood. */
export function readCostReport(text: string): {
  readonly told: readonly CostTold[];
  readonly problem: string;
} {
  const document = parsed(text);
  const report = CostReport.safeParse(document);
  if (document === undefined || !report.success) {
    const why = report.error?.issues[0];
    const problem =
      document === undefined ? 'not JSON' : `${why?.path.join('.')}: ${why?.message ?? ''}`;
    return { told: [], problem };
  }
  const { runs, ...last } = report.data;
  const told = [...runs, last].map(toldOf);
  const known = told.filter((each) => each !== undefined);
  return known.length < told.length
    ? { told: [], problem: 'actual_cost: not an amount of 0 or more' }
    : { told: known, problem: '' };
}
