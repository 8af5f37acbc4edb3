import { assert } from '../../errors.ts';
import { dayOf } from '../../grant/calendar.ts';
import { afterChanges } from '../../ledger/advance.ts';
import type { Change, Decision } from '../../ledger/change.ts';
import { latePost, OF_VOLUMES } from '../../ledger/late.ts';
import type { InstanceRow, UsageRow } from '../../ledger/rows.ts';
import { type ShareToSettle, volumesIn } from '../../ledger/settle.ts';
import type { View } from '../../ledger/view.ts';
import { ZERO_RATE } from '../../money/rate.ts';
import { hadVolumes, isFree } from './interval.ts';
import {
  pricedSegments,
  type RateFrom,
  segmentsOf,
  type UsageRows,
  usageRows,
} from './segments.ts';
import { type NodeLife, type Payer, type Stretch, stretchesOf } from './stretches.ts';

/** Everything about one instance that its cost is made of, as found outside the lock. */
export interface InstancePlan {
  readonly instanceId: string;
  readonly endCause: string;
  readonly life: NodeLife;
  readonly rates: readonly RateFrom[];
  /** They are the launch's: nobody knows its own (COST-9). */
  readonly isPriceMissing: boolean;
}

export interface CloseInstances {
  readonly plans: readonly InstancePlan[];
  readonly zone: string;
}

export interface CloseAnswer {
  readonly closed: number;
  readonly segments: number;
  readonly [key: string]: number;
}

/**
 * Writes the usage of instances: of ended ones all of it, which closes them, of running ones up to
 * the newest start on their node. Shares of holds wait for the hold's one charge; what no hold covers
 * (pool, jobs that ran unchecked) is booked late at once. An instance that changed since the plan was
 * made is left alone. Query: the instances with usage, the payers' holds with owners, other payers by
 * account name.
 */
export function closeInstances(view: View, ask: CloseInstances): Decision<CloseAnswer> {
  const changes: Change[] = [];
  let now = view;
  let closed = 0;
  let segments = 0;
  for (const plan of ask.plans) {
    const row = view.fleet.instances.find(({ instanceId }) => instanceId === plan.instanceId);
    if (row !== undefined && isAsPlanned(row, plan)) {
      const rows = rowsOf(now, row, plan);
      const booked = bookLate(now, row, rows, ask.zone);
      const isOver = plan.life.endS !== undefined;
      changes.push(...inserts(rows), ...told(row, plan), ...booked.changes);
      now = {
        ...booked.view,
        next: { ...booked.view.next, usageId: now.next.usageId + rows.length },
      };
      closed += isOver ? 1 : 0;
      segments += rows.length;
    }
  }
  return { changes, answer: { closed, segments } };
}

function isAsPlanned(row: InstanceRow, { life, endCause }: InstancePlan): boolean {
  return (
    row.state !== 'closed' &&
    row.launchS === life.launchS &&
    row.endS === life.endS &&
    row.endCause === endCause
  );
}

function rowsOf(view: View, row: InstanceRow, plan: InstancePlan): readonly UsageRows[] {
  const { life } = plan;
  const before = usageOf(view, row.instanceId);
  const isCharged =
    life.endS === undefined ||
    !isFree({ launchS: life.launchS, endS: life.endS, endCause: plan.endCause });
  const rates = isCharged ? plan.rates : [{ fromS: life.launchS, rate: ZERO_RATE }];
  const rest = after(stretchesOf(life), before.at(-1)?.toS ?? life.launchS);
  const priced = pricedSegments(before, segmentsOf(rest, rates), {
    launchS: life.launchS,
    months: hadVolumes(plan) ? (row.volumes ?? []) : [],
  });
  return usageRows(row.instanceId, priced, view.next.usageId, (holdId) => {
    const hold = view.holds.find((each) => each.holdId === holdId);
    assert(hold !== undefined, `hold ${holdId} pays for an instance and was not loaded`);
    return hold.budgetId;
  });
}

function usageOf(view: View, instanceId: string): readonly UsageRow[] {
  return view.fleet.usage
    .filter((usage) => usage.instanceId === instanceId)
    .toSorted((a, b) => a.fromS - b.fromS);
}

/** What was written before stays as it was attributed. */
function after(stretches: readonly Stretch[], writtenS: number): readonly Stretch[] {
  return stretches
    .filter(({ toS }) => toS > writtenS)
    .map((stretch) => ({ ...stretch, fromS: Math.max(stretch.fromS, writtenS) }));
}

function inserts(rows: readonly UsageRows[]): readonly Change[] {
  return rows.flatMap(({ usage, shares }): readonly Change[] => [
    { change: 'insertUsage', row: usage },
    ...shares.map(({ row }) => ({ change: 'insertShare', row }) as const),
  ]);
}

/** Closed when it is over, marked when its price was missing. */
function told(row: InstanceRow, { life, isPriceMissing }: InstancePlan): readonly Change[] {
  const marked = isPriceMissing ? { ...row, isPriceMissing } : row;
  const now = life.endS === undefined ? marked : { ...marked, state: 'closed' as const };
  return now === row ? [] : [{ change: 'putInstance', row: now }];
}

interface LateGroup {
  readonly payer: Extract<Payer, { kind: 'budget' }>;
  readonly shares: ShareToSettle[];
  toS: number;
}

/** One `late` for each payer without a hold; the view goes on with what it did. */
function bookLate(
  view: View,
  row: InstanceRow,
  rows: readonly UsageRows[],
  zone: string,
): { readonly changes: readonly Change[]; readonly view: View } {
  const changes: Change[] = [];
  let now = view;
  for (const { payer, shares, toS } of lateGroups(row.instanceId, rows)) {
    const first = shares[0];
    const key = `${payer.key}:${row.instanceId}:${first?.fromS}`;
    const volumes = volumesIn(shares);
    const costs = [
      { cost: { kind: 'shares', shares }, key } as const,
      ...(volumes === undefined ? [] : [{ cost: volumes, key: `${key}${OF_VOLUMES}` }]),
    ];
    for (const ask of costs) {
      const late = latePost(now, {
        ...ask,
        budgetId: payer.budgetId,
        partition: payer.partition,
        effective: { effectiveS: toS, day: dayOf(toS, zone) },
      });
      changes.push(...late);
      now = afterChanges(now, late);
    }
  }
  return { changes, view: now };
}

function lateGroups(instanceId: string, rows: readonly UsageRows[]): readonly LateGroup[] {
  const groups = new Map<string, LateGroup>();
  for (const { usage, shares } of rows) {
    for (const { row, payer } of shares) {
      if (payer.kind === 'budget' && row.budgetId !== undefined) {
        const name = `${payer.budgetId} ${payer.key}`;
        const group = groups.get(name) ?? { payer, shares: [], toS: usage.toS };
        const { usageId, n, amount, volume } = row;
        group.shares.push({ usageId, n, amount, volume, instanceId, fromS: usage.fromS });
        group.toS = usage.toS;
        groups.set(name, group);
      }
    }
  }
  return [...groups.values()];
}
