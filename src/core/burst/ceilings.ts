import type { Settings } from '../config/settings.ts';
import { type Refused, refused } from '../errors.ts';
import { dearer, parseRate, type Rate, totalRate } from '../money/rate.ts';

// Ceilings of the whole cluster against runaway cost (burst.md 2.5, reliability.md T11). They are
// tested in the transaction that writes the intents, so two hooks cannot both take the last place.

export interface FleetLoad {
  /** Instances not ended, and those that open intents may still bring. */
  readonly instances: number;
  /** Of the same, dollars per hour. */
  readonly rates: readonly Rate[];
  readonly starts: Starts;
  /** Those of `instances` that open intents may still bring: not yet in `starts`. */
  readonly coming: number;
}

/** Launched instances by minute of the last hour: minute since 1970 → count. */
export type Starts = Readonly<Record<string, number>>;

const SECONDS_PER_MINUTE = 60;
const MINUTES_PER_HOUR = 60;

export function startsNote(cluster: string): string {
  return `starts:${cluster}`;
}

export function parseStarts(note: string | undefined): Starts {
  // Written by startsText alone, inside the ledger.
  return note === undefined || note === '' ? {} : (JSON.parse(note) as Starts);
}

/** The note after `count` more starts; what is older than an hour is dropped. */
export function startsText(starts: Starts, count: number, nowS: number): string {
  const minute = Math.floor(nowS / SECONDS_PER_MINUTE);
  const recent = Object.fromEntries(lastHour(starts, minute));
  return JSON.stringify({ ...recent, [minute]: (recent[`${minute}`] ?? 0) + count });
}

function lastHour(starts: Starts, minute: number): readonly (readonly [string, number])[] {
  return Object.entries(starts).filter(([at]) => minute - Number(at) < MINUTES_PER_HOUR);
}

/** May `count` more instances of these rates start? POLICY when a ceiling says no. */
export function underCeilings(
  ceiling: Settings['burst']['ceiling'],
  load: FleetLoad,
  asked: { readonly rates: readonly Rate[]; readonly nowS: number },
): Refused | undefined {
  const count = asked.rates.length;
  const minute = Math.floor(asked.nowS / SECONDS_PER_MINUTE);
  const started = lastHour(load.starts, minute).reduce((sum, [, starts]) => sum + starts, 0);
  return (
    over('instances', ceiling.instances, load.instances + count) ??
    over('starts_per_hour', ceiling.starts_per_hour, started + load.coming + count) ??
    overCost(ceiling.cost_per_hour, [...load.rates, ...asked.rates])
  );
}

function over(key: string, limit: number | undefined, wanted: number): Refused | undefined {
  return limit === undefined || wanted <= limit
    ? undefined
    : atCeiling(key, `${wanted} would be above ${limit}`);
}

function overCost(limit: string | undefined, rates: readonly Rate[]): Refused | undefined {
  const most = limit === undefined ? undefined : parseRate(limit);
  return most !== undefined && dearer(totalRate(rates), most)
    ? atCeiling('cost_per_hour', `the cluster would cost more than $${limit} an hour`)
    : undefined;
}

function atCeiling(key: string, why: string): Refused {
  return refused('POLICY', `burst.ceiling.${key} is reached: ${why}`, {
    advice: `see asbb nodes list; raise burst.ceiling.${key} if this is meant`,
    fields: { ceiling: key },
  });
}
