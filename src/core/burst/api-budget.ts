/** `burst.api_budget.*`: how many tokens there are at most, and how fast they come back (burst.md 5.7). */
export interface Bucket {
  readonly size: number;
  readonly per_second: number;
}

export interface Level {
  readonly tokens: number;
  /** Epoch milliseconds. */
  readonly atMs: number;
}

export interface Drawn {
  readonly level: Level;
  /** 0: the tokens were taken. Else nothing was, and they will be there after so long. */
  readonly waitMs: number;
}

const MS_PER_SECOND = 1000;

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

/** A call larger than the bucket goes when it is full, and leaves a debt behind. */
export function drawn(
  before: Level | undefined,
  bucket: Bucket,
  count: number,
  nowMs: number,
): Drawn {
  const level = refilled(before, bucket, nowMs);
  const lacking = Math.min(count, bucket.size) - level.tokens;
  return lacking <= 0
    ? { level: { ...level, tokens: level.tokens - count }, waitMs: 0 }
    : { level, waitMs: Math.ceil((lacking / bucket.per_second) * MS_PER_SECOND) };
}

/** What was paid for and did not start. */
export function putBack(
  before: Level | undefined,
  bucket: Bucket,
  count: number,
  nowMs: number,
): Level {
  const level = refilled(before, bucket, nowMs);
  return { ...level, tokens: Math.min(bucket.size, level.tokens + count) };
}
