import { parseDuration } from '../../config/duration.ts';
import { parseForeignAmount } from '../../money/estimate.ts';
import { isPositive } from '../../money/money.ts';
import { rateText, rateWithin, shareOf } from '../../money/rate.ts';
import type { Recipe } from '../recipe.ts';
import { lower } from './check-types.ts';
import type { KeptAdvice } from './kept-advice.ts';

/** What the advisor said of a job (burst.md 2.4); what it left out is absent. */
export interface Advice {
  /** The program or address that was asked. */
  readonly from: string;
  readonly shouldBurst: boolean;
  readonly action: string;
  /** Dollars, as decimal text. */
  readonly awsCost?: string | undefined;
  readonly savingsPercent?: number | undefined;
  /** Seconds. */
  readonly waitSeconds?: number | undefined;
  /** By name, as written. */
  readonly said: Readonly<Record<string, string>>;
}

const SAVINGS_FOR_SPOT = 30;
const LONG_WAIT_S = 3600;
const CAP_SHARE = 0.8;
const HOUR_SECONDS = 3600;

/**
 * The recipe as the advisor wants it: a cap for spot from what AWS would cost, spot where it saves much;
 * who would wait for long gets mixed prices, and this wins.
 */
export function applyAdvice(recipe: Recipe, advice: Advice, nodes: number): Recipe {
  const cap = capOf(advice, nodes);
  const isLong = (advice.waitSeconds ?? 0) > LONG_WAIT_S;
  const isCheap = cap !== undefined && (advice.savingsPercent ?? 0) > SAVINGS_FOR_SPOT;
  const kept: KeptAdvice = { source: 'advisor', from: advice.from, said: advice.said };
  const base = {
    ...recipe,
    candidates: recipe.candidates.map((candidate) => ({
      ...candidate,
      spotPrice: lower(candidate.spotPrice, cap),
    })),
    advice: kept,
  };
  if (isLong) {
    const reason = 'advisor: a long wait on premises, so mixed prices';
    return recipe.purchasing === 'spot'
      ? { ...base, purchasing: 'mixed', reasons: [...recipe.reasons, reason] }
      : base;
  }
  return isCheap && recipe.purchasing === 'on-demand'
    ? {
        ...base,
        purchasing: 'spot',
        spotFallback: 'on-demand',
        reasons: [...recipe.reasons, `advisor: saves ${advice.savingsPercent} %, so spot`],
      }
    : base;
}

/** `aws_cost / nodes × 0.8`, dollars an hour. */
function capOf({ awsCost }: Advice, nodes: number): string | undefined {
  const cost = awsCost === undefined ? undefined : parseForeignAmount(awsCost);
  return cost === undefined || !isPositive(cost)
    ? undefined
    : rateText(shareOf(rateWithin(cost, nodes, HOUR_SECONDS), CAP_SHARE));
}

const NANOS_PER_SECOND = 1_000_000_000;
const MS_PER_SECOND = 1000;

/** Seconds of `2h30m0s`, or of the nanoseconds that Go writes; undefined: neither. */
export function waitSecondsOf(value: string | number): number | undefined {
  if (typeof value === 'number') {
    return value / NANOS_PER_SECOND;
  }
  const milliseconds = parseDuration(value);
  return milliseconds === undefined ? undefined : milliseconds / MS_PER_SECOND;
}
