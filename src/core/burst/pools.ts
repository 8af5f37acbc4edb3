import {
  type BreakerRules,
  type Breakers,
  bootKey,
  failed,
  poolKey,
  quotaKey,
  released,
  rulesFor,
  subnetKey,
  succeeded,
} from './breakers.ts';
import { type LaunchClass, LIMITED_CAPACITY, launchClassOf } from './errors.ts';
import { lifecyclesOf } from './ladder.ts';
import type { LaunchStep, Lifecycle } from './launch.ts';

/** Of an answer, what speaks about pools: types that came, and errors with the override tried. */
export interface PoolReport {
  readonly came: readonly { readonly instanceType: string; readonly lifecycle: Lifecycle }[];
  readonly errors: readonly PoolError[];
  /** True when fewer came than were asked for. */
  readonly isShort: boolean;
}

export interface PoolError {
  readonly code: string;
  readonly status: number;
  /** '' when the error is about the whole call. */
  readonly instanceType: string;
  readonly subnetId: string;
  /** Of the part of a `mixed` call; absent: what the call asked for. */
  readonly lifecycle?: Lifecycle | undefined;
}

/** Everything that could keep this call from being made. */
export function breakerKeys(step: Tried, region: string): readonly string[] {
  const { lifecycle, overrides } = step.request;
  const bought = lifecyclesOf(lifecycle);
  const pools = overrides.flatMap(({ instanceType, subnetId }) => [
    ...bought.map((each) => poolKey(instanceType, step.zone, each)),
    bootKey(instanceType, step.zone),
    subnetKey(subnetId),
  ]);
  return [...bought.map((each) => quotaKey(region, each)), ...pools];
}

interface Tried extends Pick<LaunchStep, 'zone' | 'isGroupOptional'> {
  readonly request: Pick<LaunchStep['request'], 'lifecycle' | 'overrides'>;
}

/**
 * Breakers after an answer (burst.md 9.6): what gave instances closes, what failed opens, also when
 * some came. What was tried half-open and was not put to the test may be tried by the next launch.
 */
export function breakersAfter(
  breakers: Breakers,
  step: Tried,
  report: PoolReport,
  when: { readonly nowS: number; readonly region: string; readonly rules: BreakerRules },
): Breakers {
  const isSilent = report.isShort && report.errors.length === 0;
  const errors = isSilent ? [{ ...WHOLE_CALL, code: LIMITED_CAPACITY }] : report.errors;
  const failures = errors.map((error) => {
    const as = launchClassOf(error.code, error.status);
    return { keys: keysOf(as, step, error, when.region), rules: rulesFor(as, when.rules) };
  });
  const bad = new Set(failures.flatMap(({ keys }) => keys));
  const good = keysOfCame(step, report.came, when.region).filter((key) => !bad.has(key));
  const came = new Set(report.came.map(({ instanceType }) => bootKey(instanceType, step.zone)));
  // Whether what came also boots is told later.
  const tried = breakerKeys(step, when.region).filter((key) => !came.has(key));
  return failures.reduce(
    (after, { keys, rules }) => failed(after, keys, when.nowS, rules),
    succeeded(released(breakers, tried), good),
  );
}

/** Everything that could have kept it from coming, but for its boot. */
function keysOfCame(
  { request, zone }: Tried,
  came: PoolReport['came'],
  region: string,
): readonly string[] {
  return came.flatMap(({ instanceType, lifecycle }) => [
    poolKey(instanceType, zone, lifecycle),
    quotaKey(region, lifecycle),
    ...request.overrides
      .filter((override) => override.instanceType === instanceType)
      .map(({ subnetId }) => subnetKey(subnetId)),
  ]);
}

const WHOLE_CALL = { status: 0, instanceType: '', subnetId: '' } as const;

function keysOf(as: LaunchClass, step: Tried, error: PoolError, region: string): readonly string[] {
  const { overrides } = step.request;
  const bought =
    error.lifecycle === undefined ? lifecyclesOf(step.request.lifecycle) : [error.lifecycle];
  const named = overrides.filter(
    ({ instanceType, subnetId }) =>
      instanceType === error.instanceType && (error.subnetId === '' || subnetId === error.subnetId),
  );
  // Only the words "nothing came" without a pool: the errors beside it name the pools.
  const meant = named.length === 0 && error.instanceType === '' ? overrides : named;
  switch (as) {
    case 'capacity':
      // In a group that may be dropped, the group may be what has no room.
      return step.isGroupOptional === true
        ? []
        : bought.flatMap((each) =>
            meant.map(({ instanceType }) => poolKey(instanceType, step.zone, each)),
          );
    case 'addresses':
      return meant.map(({ subnetId }) => subnetKey(subnetId));
    case 'quota':
    case 'volume':
      return bought.map((each) => quotaKey(region, each));
    case 'permission':
    case 'request':
    case 'placement':
    case 'throttle':
    case 'unknown':
    case 'idempotency':
      return [];
  }
}
