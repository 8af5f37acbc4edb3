// The bill: one line per instance and price segment, in bigint, by rules of fake-ec2.md section 10.
// Written without the product's code, so that it can contradict it.
import type { Engine } from './engine.ts';
import { typeOf } from './engine.ts';
import { type Instance, poolKey } from './state.ts';
import { SECOND_US, seconds } from './time.ts';
import { volumeMicro } from './volumes.ts';

export interface BillLine {
  readonly instance: string;
  readonly type: string;
  readonly az: string;
  readonly market: string;
  readonly from_s: number;
  readonly to_s: number;
  readonly rate_e10: number;
  readonly micro: number;
  /** Absent: the instance itself. */
  readonly volume?: { readonly device: string; readonly gib: number };
}

export interface Bill {
  readonly lines: readonly BillLine[];
  readonly totals: {
    readonly by_hold: Readonly<Record<string, number>>;
    readonly by_cluster: Readonly<Record<string, number>>;
  };
  readonly total_micro: number;
}

const HALF = 18_000_000n;
const WHOLE = 36_000_000n;
const HOUR_S = 3600;

interface Segment {
  readonly fromS: number;
  toS: number;
  readonly rateE10: number;
}

export function billLines(engine: Engine, instance: Instance): readonly BillLine[] {
  const interval = billed(engine, instance);
  if (interval === undefined) {
    return [];
  }
  const segments = segmentsOf(engine, instance, interval);
  const last = segments.at(-1);
  if (last !== undefined) {
    last.toS = Math.max(last.toS, interval.fromS + engine.world.billing.min_s);
  }
  const isFree = isFirstHourFree(engine, instance, interval);
  let sum = 0n;
  const own = segments.map((segment): BillLine => {
    const rateE10 = isFree ? 0 : segment.rateE10;
    const before = rounded(sum);
    sum += BigInt(segment.toS - segment.fromS) * BigInt(rateE10);
    return {
      instance: instance.id,
      type: instance.type,
      az: instance.az,
      market: instance.market,
      from_s: segment.fromS,
      to_s: segment.toS,
      rate_e10: rateE10,
      micro: Number(rounded(sum) - before),
    };
  });
  return [...own, ...volumeLines(engine, instance, own)];
}

/** A line a volume, from launch to the billed end; a free first hour is the instance's alone. */
function volumeLines(
  { world }: Engine,
  { id, az, volumes }: Instance,
  own: readonly BillLine[],
): readonly BillLine[] {
  const [first, last] = [own[0], own.at(-1)];
  const price = world.billing.volume_gib_month_micro;
  if (price === 0 || first === undefined || last === undefined) {
    return [];
  }
  const [fromS, toS] = [first.from_s, last.to_s];
  return volumes
    .filter(({ isKept }) => !isKept)
    .map(({ device, gib }) => ({
      ...{ instance: id, type: 'volume', az, market: 'ebs', from_s: fromS, to_s: toS, rate_e10: 0 },
      micro: volumeMicro(gib, price, toS - fromS),
      volume: { device, gib },
    }));
}

export function billOf(engine: Engine): Bill {
  const lines: BillLine[] = [];
  const byHold: Record<string, number> = {};
  const byCluster: Record<string, number> = {};
  let total = 0;
  for (const instance of engine.state.instances.values()) {
    const own = billLines(engine, instance);
    const micro = own.reduce((sum, line) => sum + line.micro, 0);
    lines.push(...own);
    total += micro;
    add(byHold, instance.tags.get('asbb:hold') ?? '', micro);
    add(byCluster, instance.tags.get('asbb:cluster') ?? '', micro);
  }
  return { lines, totals: { by_hold: byHold, by_cluster: byCluster }, total_micro: total };
}

/** R(x) of section 10: micro-dollars of x = Σ seconds × rate, rounded half up. */
function rounded(x: bigint): bigint {
  return (x + HALF) / WHOLE;
}

function billed(engine: Engine, instance: Instance): { fromS: number; toS: number } | undefined {
  const launchS = seconds(instance.launchUs);
  const toS = seconds(instance.endUs ?? engine.state.nowUs);
  const isExternal = instance.endCause.startsWith('external');
  if (instance.endedPending && !isExternal && instance.endCause !== 'spot-interruption') {
    return undefined;
  }
  if (engine.world.billing.from === 'launch' || instance.endedPending) {
    return { fromS: launchS, toS };
  }
  return instance.runningUs === undefined ? undefined : { fromS: seconds(instance.runningUs), toS };
}

function segmentsOf(
  engine: Engine,
  instance: Instance,
  interval: { readonly fromS: number; readonly toS: number },
): Segment[] {
  const { fromS, toS } = interval;
  if (instance.market !== 'spot') {
    return [{ fromS, toS, rateE10: typeOf(engine.world, instance.type).od_e10 }];
  }
  const rows = engine.state.spotPrices.get(poolKey(instance.type, instance.az, 'spot')) ?? [];
  const first = rows.findLast((row) => row.atS <= fromS) ?? rows[0];
  const segments: Segment[] = [{ fromS, toS, rateE10: first?.e10 ?? 0 }];
  for (const row of rows.filter((change) => change.atS > fromS && change.atS < toS)) {
    const open = segments.at(-1);
    if (open !== undefined) {
      open.toS = row.atS;
    }
    segments.push({ fromS: row.atS, toS, rateE10: row.e10 });
  }
  return segments;
}

function isFirstHourFree(
  engine: Engine,
  instance: Instance,
  interval: { readonly toS: number },
): boolean {
  return (
    engine.world.billing.spot_first_hour_free &&
    instance.market === 'spot' &&
    instance.endCause === 'spot-interruption' &&
    interval.toS - Math.floor(instance.launchUs / SECOND_US) < HOUR_S
  );
}

function add(sums: Record<string, number>, name: string, micro: number): void {
  if (name !== '') {
    sums[name] = (sums[name] ?? 0) + micro;
  }
}
