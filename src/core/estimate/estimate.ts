import type { JobShape } from '../burst/job-shape.ts';
import { type Pricing, priceJob } from '../burst/price-job.ts';
import { isRefused, type Refused, refused } from '../errors.ts';
import { canonical, type JsonObject } from '../json.ts';
import { holdFor, scaledBy } from '../money/estimate.ts';
import { type Money, toMicrosText, ZERO } from '../money/money.ts';
import { holdAmount } from '../money/rate.ts';
import { parseTimeLimit } from '../slurm/time-limit.ts';
import { advisorUnavailable, fallbackEstimate, type JobSize } from './fallback.ts';
import { type CostModelRow, learnedFactor } from './learning.ts';

/** What is to be estimated (budget.md 3.2). */
export interface EstimateAsk extends JobSize {
  /** Our own name. */
  readonly account: string;
  /** As named; the hold is booked on the first. */
  readonly partitions: readonly string[];
  readonly wallTime: number | 'UNLIMITED';
  readonly memoryMib?: number | undefined;
  /** `compute_intensive`; '' when none is named. */
  readonly profile: string;
  /** Of a trusted caller: takes the estimator's place. */
  readonly given?: Money | undefined;
}

export interface Estimate {
  readonly estimate: Money;
  /** Before a learned factor: what learning compares the real cost with. */
  readonly unlearned: Money;
  readonly hold: Money;
  /** Hundredths; 0: not known. */
  readonly confidence: number;
  readonly recommendation: string;
  /** JSON text for hold.pricing. */
  readonly pricing: string;
  /** Partitions that the hold must fit; the first is booked. */
  readonly partitions: readonly string[];
}

type Basis = Omit<Estimate, 'hold' | 'pricing' | 'partitions'>;

const ADVISOR_CONFIDENCE = 95;
const HELD_ALL_THE_SAME = 'No cost could be estimated; the job passes with a hold of 0';

function shapeOf(ask: EstimateAsk): JobShape {
  return {
    partitions: ask.partitions,
    timeLimitSeconds: ask.wallTime,
    limits: {},
    minNodes: ask.nodes,
    maxNodes: ask.nodes,
    minCpusPerNode: ask.cpus,
    memoryPerNodeMib: ask.memoryMib,
    gres: ask.gpus === 0 ? [] : [{ name: 'gpu', count: ask.gpus, per: 'job' }],
    features: '',
    arrayTasks: 1,
  };
}

function endless(): Refused {
  return refused(
    'VALIDATION_ERROR',
    'the time has no end, and no MaxTime of the partition is known',
    { advice: 'give a time, as in 2h, 90:00 or 1-12:00:00', fields: { field: 'wall_time' } },
  );
}

/** Seconds of the job's wall time; UNLIMITED is the partition's MaxTime. VALIDATION_ERROR without one. */
function secondsOf(ask: EstimateAsk, { settings }: Pricing): number | Refused {
  if (ask.wallTime !== 'UNLIMITED') {
    return ask.wallTime;
  }
  const most = settings.slurm.partitions
    .filter(({ partition_name }) => ask.partitions.includes(partition_name))
    .map(({ partition_options }) => parseTimeLimit(partition_options['MaxTime'] ?? ''))
    .find((limit) => typeof limit === 'number' && limit > 0);
  return typeof most === 'number' ? most : endless();
}

/** Whatever had its say about the pricing, with what estimates and learning need of it later. */
function pricingText(ask: EstimateAsk, basis: Basis, more: JsonObject): string {
  return canonical({
    ...more,
    by: 'check',
    estimate: toMicrosText(basis.estimate),
    unlearned: toMicrosText(basis.unlearned),
    nodes: ask.nodes,
    cpus: ask.cpus,
    gpus: ask.gpus,
    ...(ask.profile === '' ? {} : { profile: ask.profile }),
  });
}

function completed(ask: EstimateAsk, basis: Basis, factor: string): Estimate {
  return {
    ...basis,
    hold: holdFor(basis.estimate, factor),
    pricing: pricingText(ask, basis, { factor }),
    partitions: ask.partitions,
  };
}

/** The price list of the burst partitions; undefined: none of the partitions is one. */
function advised(ask: EstimateAsk, pricing: Pricing): Estimate | Refused | undefined {
  const priced = priceJob(shapeOf(ask), pricing);
  if (isRefused(priced) && priced.code === 'TIME_LIMIT') {
    return endless();
  }
  if (priced === undefined || isRefused(priced)) {
    return priced;
  }
  const { nodes, rate, seconds, amount, partitions } = priced;
  const estimate = holdAmount({ nodes, rate, seconds, factor: '1' });
  const basis: Basis = {
    estimate,
    unlearned: estimate,
    confidence: ADVISOR_CONFIDENCE,
    recommendation: '',
  };
  const known: JsonObject = JSON.parse(priced.pricing); // canonical() wrote it
  return {
    ...basis,
    hold: amount,
    pricing: pricingText(ask, basis, known),
    partitions: [...partitions, ...ask.partitions.filter((name) => !partitions.includes(name))],
  };
}

function fallback(
  ask: EstimateAsk,
  pricing: Pricing,
  models: readonly CostModelRow[],
): Estimate | Refused {
  const { integration, budget } = pricing.settings;
  const seconds = secondsOf(ask, pricing);
  if (isRefused(seconds)) {
    return seconds;
  }
  const partition = ask.partitions[0] ?? '';
  const found = fallbackEstimate(ask, partition, seconds, integration);
  if (isRefused(found)) {
    return found;
  }
  const { account, profile } = ask;
  const learned = learnedFactor(models, { account, partition, profile });
  const basis: Basis = {
    estimate: learned === undefined ? found.amount : scaledBy(found.amount, learned.factor),
    unlearned: found.amount,
    confidence: learned?.confidence ?? found.confidence,
    recommendation: found.recommendation,
  };
  return completed(ask, basis, budget.default_hold_percentage);
}

/** PERMISSIVE: the job passes with nothing held, and is warned of (budget.md 4.1). */
function permitted(ask: EstimateAsk, { settings }: Pricing): Estimate {
  const basis = {
    estimate: ZERO,
    unlearned: ZERO,
    confidence: 0,
    recommendation: HELD_ALL_THE_SAME,
  };
  return completed(ask, basis, settings.budget.default_hold_percentage);
}

/** An unknown price is the advisor's failure; anything else is an answer about the job. */
function hasFailed(answer: Estimate | Refused): boolean {
  return (
    isRefused(answer) && (answer.code === 'TRY_AGAIN' || answer.code === 'ADVISOR_UNAVAILABLE')
  );
}

/**
 * What a job will probably cost, and what is held for it (budget.md 4.1): the caller's figure, else the
 * price list, else the fallback with what was learned. VALIDATION_ERROR (wall_time), NODE_COUNT, POLICY,
 * ADVISOR_UNAVAILABLE by `integration.failure_mode`.
 */
export function estimateJob(
  ask: EstimateAsk,
  pricing: Pricing,
  models: readonly CostModelRow[],
): Estimate | Refused {
  const { integration, budget } = pricing.settings;
  if (ask.given !== undefined) {
    const basis = { estimate: ask.given, unlearned: ask.given, confidence: 0, recommendation: '' };
    return completed(ask, basis, budget.default_hold_percentage);
  }
  const advice = integration.advisor_enabled ? advised(ask, pricing) : undefined;
  if (advice !== undefined && !hasFailed(advice)) {
    return advice;
  }
  if (advice !== undefined && integration.failure_mode === 'STRICT') {
    return advisorUnavailable(ask.partitions[0] ?? '');
  }
  const answer = fallback(ask, pricing, models);
  return hasFailed(answer) && integration.failure_mode === 'PERMISSIVE'
    ? permitted(ask, pricing)
    : answer;
}
