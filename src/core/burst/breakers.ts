import type { LaunchClass } from './errors.ts';
import type { Lifecycle } from './launch.ts';

// Circuit breakers (burst.md 9.6): what EC2 refused lately is not asked for again at once. Kept in the
// ledger as one note, so every hook and reconcile sees the same. Times are epoch seconds.

export interface Breaker {
  readonly failuresS: readonly number[];
  /** Absent while closed. */
  readonly openedS?: number | undefined;
  readonly openForS: number;
  /** When the one launch that may try a half-open breaker was admitted. */
  readonly probeS?: number | undefined;
}

export type Breakers = Readonly<Record<string, Breaker>>;

export interface BreakerRules {
  readonly windowS: number;
  readonly threshold: number;
  readonly openForS: number;
}

const OPEN_MAX_S = 3600;
const QUOTA_OPEN_S = 900;
/** A probe whose process died says nothing after this time. */
const PROBE_LIFE_S = 900;
const FORGET_AFTER_S = 86_400;

export function breakersNote(cluster: string): string {
  return `breakers:${cluster}`;
}

export function parseBreakers(note: string | undefined): Breakers {
  // Written by breakersText alone, inside the ledger.
  return note === undefined || note === '' ? {} : (JSON.parse(note) as Breakers);
}

/** Those long closed again are forgotten. */
export function breakersText(breakers: Breakers, nowS: number): string {
  const kept = Object.entries(breakers).filter(([, breaker]) => {
    const last = Math.max(breaker.openedS ?? 0, ...breaker.failuresS);
    return nowS - last < FORGET_AFTER_S;
  });
  return JSON.stringify(Object.fromEntries(kept));
}

export function poolKey(instanceType: string, zone: string, lifecycle: Lifecycle): string {
  return `${instanceType}|${zone}|${lifecycle}`;
}

export function subnetKey(subnetId: string): string {
  return `subnet|${subnetId}`;
}

export function quotaKey(region: string, lifecycle: Lifecycle): string {
  return `quota|${region}|${lifecycle}`;
}

/** Launches succeed there, boots do not (burst.md 9.3): a breaker of its own, whatever the purchase. */
export function bootKey(instanceType: string, zone: string): string {
  return `boot|${instanceType}|${zone}`;
}

export type Phase = 'closed' | 'open' | 'half-open';

/** A clock that went backwards gives age 0: the breaker stays open, never a negative age. */
export function phaseOf(breaker: Breaker | undefined, nowS: number): Phase {
  if (breaker?.openedS === undefined) {
    return 'closed';
  }
  if (Math.max(0, nowS - breaker.openedS) < breaker.openForS) {
    return 'open';
  }
  const isProbed =
    breaker.probeS !== undefined && Math.max(0, nowS - breaker.probeS) < PROBE_LIFE_S;
  return isProbed ? 'open' : 'half-open';
}

/** True when a launch must not ask this pool now. */
export function isOpen(breakers: Breakers, key: string, nowS: number): boolean {
  return phaseOf(breakers[key], nowS) === 'open';
}

/** The one launch that goes through a half-open breaker; closed ones are left as they are. */
export function admitted(breakers: Breakers, keys: readonly string[], nowS: number): Breakers {
  const probed = keys.flatMap((key) => {
    const breaker = breakers[key];
    return breaker !== undefined && phaseOf(breaker, nowS) === 'half-open'
      ? [[key, { ...breaker, probeS: nowS }] as const]
      : [];
  });
  return { ...breakers, ...Object.fromEntries(probed) };
}

export function failed(
  breakers: Breakers,
  keys: readonly string[],
  nowS: number,
  rules: BreakerRules,
): Breakers {
  return {
    ...breakers,
    ...Object.fromEntries(keys.map((key) => [key, afterFailure(breakers[key], nowS, rules)])),
  };
}

export function succeeded(breakers: Breakers, keys: readonly string[]): Breakers {
  const closed = new Set(keys);
  return Object.fromEntries(Object.entries(breakers).filter(([key]) => !closed.has(key)));
}

/** The launch that was to try these has said nothing of them: the next one may. */
export function released(breakers: Breakers, keys: readonly string[]): Breakers {
  const free = keys.flatMap((key) => {
    const breaker = breakers[key];
    return breaker?.probeS === undefined ? [] : [[key, { ...breaker, probeS: undefined }] as const];
  });
  return { ...breakers, ...Object.fromEntries(free) };
}

/** When a launch may ask the pool again; undefined when it may now. */
export function opensUntil(breaker: Breaker | undefined, nowS: number): number | undefined {
  if (breaker?.openedS === undefined || phaseOf(breaker, nowS) !== 'open') {
    return undefined;
  }
  const expiry = breaker.openedS + breaker.openForS;
  return expiry > nowS ? expiry : (breaker.probeS ?? nowS) + PROBE_LIFE_S;
}

function afterFailure(breaker: Breaker | undefined, nowS: number, rules: BreakerRules): Breaker {
  if (breaker?.openedS !== undefined) {
    const isOver = Math.max(0, nowS - breaker.openedS) >= breaker.openForS;
    return isOver
      ? {
          failuresS: [nowS],
          openedS: nowS,
          openForS: Math.min(breaker.openForS * 2, OPEN_MAX_S),
        }
      : breaker;
  }
  const recent = (breaker?.failuresS ?? []).filter((atS) => nowS - atS < rules.windowS);
  const failuresS = [...recent, nowS];
  return failuresS.length >= rules.threshold
    ? { failuresS, openedS: nowS, openForS: rules.openForS }
    : { failuresS, openForS: rules.openForS };
}

/** Which rules a class of errors follows: quotas close for longer, at once. */
export function rulesFor(as: LaunchClass, rules: BreakerRules): BreakerRules {
  return as === 'quota' || as === 'volume'
    ? { ...rules, threshold: 1, openForS: QUOTA_OPEN_S }
    : rules;
}
