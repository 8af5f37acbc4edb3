// Token buckets by the virtual clock (fake-ec2.md section 6).
import type { Engine } from './engine.ts';
import { ApiError } from './errors.ts';
import type { Params } from './params.ts';
import { SECOND_US } from './time.ts';
import type { Bucket } from './world.ts';

/** Figures that AWS publishes for a fresh account. */
const OWN: Readonly<Record<string, Bucket>> = {
  'RunInstances.requests': { max: 5, refill: 2 },
  'RunInstances.instances': { max: 1000, refill: 2 },
  'TerminateInstances.requests': { max: 100, refill: 5 },
  'TerminateInstances.instances': { max: 1000, refill: 20 },
  'CreateTags.requests': { max: 100, refill: 10 },
  'CreateLaunchTemplateVersion.requests': { max: 100, refill: 5 },
  'DescribeInstances.unfiltered': { max: 50, refill: 10 },
  'DescribeInstanceStatus.unfiltered': { max: 50, refill: 10 },
};
const OTHER_MUTATING: Bucket = { max: 50, refill: 5 };
const OTHER_DESCRIBE: Bucket = { max: 100, refill: 20 };

export const LAUNCH_BUCKET = 'RunInstances.instances';

function figures(engine: Engine, name: string): Bucket {
  const mode = engine.world.throttle;
  const own = OWN[name] ?? (name.startsWith('Describe') ? OTHER_DESCRIBE : OTHER_MUTATING);
  if (typeof mode === 'object') {
    return mode[name] ?? own;
  }
  const factor = mode.startsWith('x') ? Number(mode.slice(1)) : 1;
  return { max: Math.max(1, own.max * factor), refill: own.refill * factor };
}

/** Brings a bucket to now. */
function level(engine: Engine, name: string): { tokens: number; atUs: number } {
  const { state } = engine;
  const { max, refill } = figures(engine, name);
  const bucket = state.buckets.get(name) ?? { tokens: max, atUs: state.nowUs };
  const gained = ((state.nowUs - bucket.atUs) / SECOND_US) * refill;
  bucket.tokens = Math.min(max, bucket.tokens + gained);
  bucket.atUs = state.nowUs;
  state.buckets.set(name, bucket);
  return bucket;
}

function isThrottled(engine: Engine): boolean {
  return engine.world.throttle !== 'off';
}

/** Takes `n` tokens or fails whole. */
export function pay(engine: Engine, name: string, n: number): void {
  if (!isThrottled(engine)) {
    return;
  }
  const bucket = level(engine, name);
  // A thousand small refills must not leave a whole token 1e-12 short.
  if (bucket.tokens + 1e-9 < n) {
    throw new ApiError('RequestLimitExceeded', 'Request limit exceeded.');
  }
  bucket.tokens -= n;
}

/** What is in it, in whole tokens. */
export function available(engine: Engine, name: string): number {
  return isThrottled(engine)
    ? Math.floor(level(engine, name).tokens + 1e-9)
    : Number.MAX_SAFE_INTEGER;
}

/** The bucket that one request of the action draws on. */
export function payRequest(engine: Engine, action: string, params: Params): void {
  const isUnfiltered =
    (action === 'DescribeInstances' || action === 'DescribeInstanceStatus') &&
    !(params.has('Filter') || params.has('InstanceId') || params.has('MaxResults'));
  pay(engine, `${action}.${isUnfiltered ? 'unfiltered' : 'requests'}`, 1);
}

export function bucketLevels(engine: Engine): Readonly<Record<string, unknown>> {
  const levels: Record<string, unknown> = {};
  for (const name of engine.state.buckets.keys()) {
    levels[name] = { tokens: level(engine, name).tokens, ...figures(engine, name) };
  }
  return levels;
}
