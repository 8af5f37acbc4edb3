import {
  type BreakerRules,
  type Breakers,
  bootKey,
  failed,
  poolKey,
  quotaKey,
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
export function breakerKeys(
  step: Pick<LaunchStep, 'zone'> & LaunchPlaces,
  region: string,
): readonly string[] {
  const { lifecycle, overrides } = step.request;
  const bought = lifecyclesOf(lifecycle);
  const pools = overrides.flatMap(({ instanceType, subnetId }) => [
    ...bought.map((each) => poolKey(instanceType, step.zone, each)),
    bootKey(instanceType, step.zone),
    subnetKey(subnetId),
  ]);
  return [...bought.map((each) => quotaKey(region, each)), ...pools];
}

interface LaunchPlaces {
  readonly request: Pick<LaunchStep['request'], 'lifecycle' | 'overrides'>;
}

/** Breakers after an answer: pools that gave instances close, pools that had none open (burst.md 9.6). */
export function breakersAfter(
  breakers: Breakers,
  step: LaunchStep,
  report: PoolReport,
  when: { readonly nowS: number; readonly region: string; readonly rules: BreakerRules },
): Breakers {
  const came = report.came.map(({ instanceType, lifecycle }) =>
    poolKey(instanceType, step.zone, lifecycle),
  );
  const isSilent = report.isShort && report.errors.length === 0;
  const errors = isSilent ? [{ ...WHOLE_CALL, code: LIMITED_CAPACITY }] : report.errors;
  return errors.reduce(
    (after, error) => {
      const as = launchClassOf(error.code, error.status);
      return failed(
        after,
        keysOf(as, step, error, when.region),
        when.nowS,
        rulesFor(as, when.rules),
      );
    },
    succeeded(breakers, came),
  );
}

const WHOLE_CALL = { status: 0, instanceType: '', subnetId: '' } as const;

function keysOf(
  as: LaunchClass,
  step: LaunchStep,
  error: PoolError,
  region: string,
): readonly string[] {
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
