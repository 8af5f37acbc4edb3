import type { Settings } from '../config/settings.ts';
import { type Refused, refused } from '../errors.ts';
import { fallbackAmount } from '../money/estimate.ts';
import { type Money, parseAmount, ZERO } from '../money/money.ts';

/** A job as `check` knows it (budget.md 3.2). */
export interface JobSize {
  readonly nodes: number;
  /** Of each node. */
  readonly cpus: number;
  /** Of the whole job. */
  readonly gpus: number;
}

export interface FallbackEstimate {
  readonly amount: Money;
  /** Hundredths. */
  readonly confidence: number;
  readonly recommendation: string;
}

/** A GPU costs as much as so many CPUs. */
const CPUS_PER_GPU = 20;
/** By what the lower-cased name of the partition holds, first match; doubled. */
const HALVES: readonly (readonly [part: string, halves: number])[] = [
  ['gpu', 4],
  ['aws', 3],
  ['debug', 1],
];
const PLAIN_HALVES = 2;

function halvesOf(partition: string): number {
  const name = partition.toLowerCase();
  return HALVES.find(([part]) => name.includes(part))?.[1] ?? PLAIN_HALVES;
}

/** The formulas of budget.md 4.1 by `integration.advisor_fallback`. ADVISOR_UNAVAILABLE with NONE. */
export function fallbackEstimate(
  size: JobSize,
  partition: string,
  seconds: number,
  { advisor_fallback, fallback_cost_rate }: Settings['integration'],
): FallbackEstimate | Refused {
  const rate = parseAmount(fallback_cost_rate) ?? ZERO;
  const cpus = size.nodes * size.cpus;
  switch (advisor_fallback) {
    case 'SIMPLE':
      return {
        amount: fallbackAmount({
          rate,
          seconds,
          units: cpus + size.gpus * CPUS_PER_GPU,
          halves: halvesOf(partition),
        }),
        confidence: 60,
        recommendation: 'Fallback cost estimate - advisor service unavailable',
      };
    case 'STATIC':
      return {
        amount: fallbackAmount({ rate, seconds, units: cpus, halves: PLAIN_HALVES }),
        confidence: 50,
        recommendation: 'Static cost estimate - advisor service unavailable',
      };
    case 'NONE':
      return advisorUnavailable(partition);
  }
}

export function advisorUnavailable(partition: string): Refused {
  return refused(
    'ADVISOR_UNAVAILABLE',
    `no cost can be estimated for a job in partition ${partition}`,
    {
      advice: 'give --estimated-cost, or see integration.advisor_fallback and failure_mode',
      fields: { partition },
    },
  );
}
