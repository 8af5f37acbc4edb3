import { assert } from '../../errors.ts';
import type { ShareRow, UsageRow } from '../../ledger/rows.ts';
import { isPositive, isZero, type Money, minus, shareOut } from '../../money/money.ts';
import { type Rate, segmentAmounts } from '../../money/rate.ts';
import { volumesCost } from '../../money/volumes.ts';
import type { Payer, Stretch } from './stretches.ts';

/** reliability.md 1.1: so that seconds × rate stay below 2^63. */
const SEGMENT_SECONDS_MAX = 604_800;

/** What an hour costs from a moment on, oldest first; the first one holds from the launch. */
export interface RateFrom {
  readonly fromS: number;
  readonly rate: Rate;
}

export interface Segment {
  readonly fromS: number;
  readonly toS: number;
  readonly rate: Rate;
  readonly payers: Stretch['payers'];
}

/** Stretches cut where the price changes and at a week's length (burst.md COST-4). */
export function segmentsOf(
  stretches: readonly Stretch[],
  rates: readonly RateFrom[],
): readonly Segment[] {
  return stretches.flatMap((stretch) => {
    const changes = rates
      .map(({ fromS }) => fromS)
      .filter((at) => at > stretch.fromS && at < stretch.toS);
    const cuts = [...new Set([stretch.fromS, ...changes, stretch.toS])].toSorted((a, b) => a - b);
    return cuts.slice(1).flatMap((toS, at) => {
      const fromS = cuts[at] ?? toS;
      return weeksOf(fromS, toS).map((week) => ({
        ...week,
        rate: rateAt(rates, fromS),
        payers: stretch.payers,
      }));
    });
  });
}

function weeksOf(fromS: number, toS: number): readonly { fromS: number; toS: number }[] {
  const count = Math.ceil((toS - fromS) / SEGMENT_SECONDS_MAX);
  return Array.from({ length: count }, (_, at) => ({
    fromS: fromS + at * SEGMENT_SECONDS_MAX,
    toS: Math.min(toS, fromS + (at + 1) * SEGMENT_SECONDS_MAX),
  }));
}

function rateAt(rates: readonly RateFrom[], at: number): Rate {
  const inForce = rates.findLast(({ fromS }) => fromS <= at) ?? rates[0];
  assert(inForce !== undefined, 'an instance has a price from its launch on');
  return inForce.rate;
}

/** A segment with its amount, and what each payer has of it. */
export interface PricedSegment extends Segment {
  readonly amount: Money;
  /** What the volumes cost meanwhile. */
  readonly volume: Money;
  readonly parts: readonly {
    readonly payer: Payer;
    readonly amount: Money;
    readonly volume: Money;
  }[];
}

/** An instance and what each of its volumes costs a month. */
export interface InstanceVolumes {
  readonly launchS: number;
  readonly months: readonly Money[];
}

/**
 * Amounts by the running total of the instance, of which `before` stands already (COST-5), split by
 * largest remainder among its payers (burst.md 8.3): parts add up to segments, segments to the instance.
 * So do its volumes by theirs (COST-8).
 */
export function pricedSegments(
  before: readonly Pick<UsageRow, 'fromS' | 'toS' | 'rate'>[],
  segments: readonly Segment[],
  volumes: InstanceVolumes = NO_VOLUMES,
): readonly PricedSegment[] {
  const rated = [...before, ...segments].map(({ fromS, toS, rate }) => ({
    seconds: toS - fromS,
    rate,
  }));
  const amounts = segmentAmounts(rated).slice(before.length);
  return segments.flatMap((segment, at) => {
    const amount = amounts[at];
    if (amount === undefined) {
      return [];
    }
    const weights = segment.payers.map(({ weight }) => weight);
    const shares = shareOut(amount, weights);
    const volume = volumeOf(segment, volumes);
    const ofVolume = shareOut(volume, weights);
    const parts = segment.payers.flatMap(({ payer }, n) => {
      const [part, more] = [shares[n], ofVolume[n]];
      return part === undefined || more === undefined
        ? []
        : [{ payer, amount: part, volume: more }];
    });
    return [{ ...segment, amount, volume, parts }];
  });
}

const NO_VOLUMES: InstanceVolumes = { launchS: 0, months: [] };

function volumeOf({ fromS, toS }: Segment, { launchS, months }: InstanceVolumes): Money {
  return minus(volumesCost(months, toS - launchS), volumesCost(months, fromS - launchS));
}

export interface UsageRows {
  readonly usage: UsageRow;
  readonly shares: readonly { readonly row: ShareRow; readonly payer: Payer }[];
}

/** The rows of these segments; shares wait unsettled. `budgetOf` tells whose money a hold is. */
export function usageRows(
  instanceId: string,
  segments: readonly PricedSegment[],
  firstUsageId: number,
  budgetOf: (holdId: number) => number,
): readonly UsageRows[] {
  return segments.map(({ fromS, toS, rate, amount, volume, parts }, at) => {
    const usageId = firstUsageId + at;
    return {
      usage: { usageId, instanceId, fromS, toS, rate, amount, ...volumeColumn(volume) },
      shares: parts.map((part, n) => ({
        row: {
          ...{ usageId, n, amount: part.amount, ...volumeColumn(part.volume) },
          ...payerColumns(part, budgetOf),
        },
        payer: part.payer,
      })),
    };
  });
}

function volumeColumn(volume: Money): Pick<ShareRow, 'volume'> {
  return isPositive(volume) ? { volume } : {};
}

type Part = PricedSegment['parts'][number];

function payerColumns(
  { payer, amount, volume }: Part,
  budgetOf: (holdId: number) => number,
): Pick<ShareRow, 'budgetId' | 'holdId'> {
  switch (payer.kind) {
    case 'hold':
      return { budgetId: budgetOf(payer.holdId), holdId: payer.holdId };
    case 'budget':
      // Nothing to book: such a share would wait for ever.
      return isZero(amount) && isZero(volume) ? {} : { budgetId: payer.budgetId };
    case 'nobody':
      return {};
  }
}
