/** `burst.api_budget.*`: how many tokens there are at most, and how fast they come back (burst.md 5.7). */
export interface Bucket {
  readonly size: number;
  readonly per_second: number;
}

export const API_BUCKETS = ['launch', 'describe', 'terminate', 'mutate'] as const;

/** `launch` and `terminate` count instances, the others calls. */
export type ApiBucket = (typeof API_BUCKETS)[number];

export type Buckets = Readonly<Record<ApiBucket, Bucket>>;

export interface Level {
  readonly tokens: number;
  /** Epoch milliseconds. */
  readonly atMs: number;
}

/** Absent: nobody has used that bucket yet. */
export type Levels = Readonly<Partial<Record<ApiBucket, Level>>>;

export interface Drawn {
  readonly level: Level;
  readonly taken: number;
  /** 0: tokens were taken. Else none were, and they will be there after so long. */
  readonly waitMs: number;
}

const MS_PER_SECOND = 1000;
/** Refills in many small steps must not leave a whole token a hair short. */
const HAIR = 1e-9;

/** Undefined: nobody has used the bucket yet. A clock that went backwards refills nothing. */
function refilled(level: Level | undefined, bucket: Bucket, nowMs: number): Level {
  if (level === undefined) {
    return { tokens: bucket.size, atMs: nowMs };
  }
  const elapsed = Math.max(0, nowMs - level.atMs) / MS_PER_SECOND;
  return {
    tokens: Math.min(bucket.size, level.tokens + elapsed * bucket.per_second),
    atMs: nowMs,
  };
}

/**
 * Takes `least`, and up to `most` of what is there already. A call larger than the bucket goes when it
 * is full, and leaves a debt behind.
 */
export function drawn(
  before: Level | undefined,
  bucket: Bucket,
  { least, most }: { readonly least: number; readonly most: number },
  nowMs: number,
): Drawn {
  const level = refilled(before, bucket, nowMs);
  const lacking = Math.min(least, bucket.size) - level.tokens;
  if (lacking > HAIR) {
    return { level, taken: 0, waitMs: Math.ceil((lacking / bucket.per_second) * MS_PER_SECOND) };
  }
  const taken = Math.max(least, Math.min(most, Math.floor(level.tokens + HAIR)));
  return { level: { ...level, tokens: level.tokens - taken }, taken, waitMs: 0 };
}

/** What was paid for and not used. */
export function putBack(
  before: Level | undefined,
  bucket: Bucket,
  count: number,
  nowMs: number,
): Level {
  const level = refilled(before, bucket, nowMs);
  return { ...level, tokens: Math.min(bucket.size, level.tokens + count) };
}

const LEASE_MAX = 16;
const LEASE_SHARE = 10;

/**
 * How many tokens a process takes at a time when it has taken `leases` times before: few at first, more
 * the more calls it makes, never a large part of what all processes have.
 */
export function leaseOf(bucket: Bucket, leases: number): number {
  const most = Math.min(LEASE_MAX, Math.floor(bucket.size / LEASE_SHARE));
  return Math.max(1, Math.min(most, 2 ** Math.min(leases, LEASE_MAX)));
}
