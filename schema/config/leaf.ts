import { z } from 'zod';
import { parseDuration } from '../../src/core/config/duration.ts';
import { parseAmount } from '../../src/core/money/money.ts';

// The kinds of values in the configuration. Each takes what YAML gives and the text of an ASBB_…
// variable alike. In messages `@name` stands for the place of the key's section, `@` for the key itself.

// One file is read once: code made for each section would cost more than it saves.
z.config({ jitless: true });

export interface KeyMeta {
  // The index signature lets zod's `meta` take it.
  readonly [name: string]: unknown;
  /** One line for `asbb config init`. */
  readonly comment?: string | undefined;
  /** Accepted because the original files have it; means nothing here (a note of `config validate`). */
  readonly noEffect?: string | undefined;
  /** Shown as *** everywhere. */
  readonly secret?: boolean | undefined;
}

declare module 'zod' {
  interface GlobalMeta extends KeyMeta {}
}

/** Takes whatever stands there, and makes a T of it or reports the problem. */
export type Leaf<T> = z.ZodPipe<z.ZodUnknown, z.ZodTransform<T, unknown>>;

export function leaf<T>(problem: string, parse: (value: unknown) => T | undefined): Leaf<T> {
  return z.unknown().transform((value, context): T => {
    const parsed = parse(value);
    if (parsed === undefined) {
      context.addIssue({ code: 'custom', message: problem });
      return z.NEVER;
    }
    return parsed;
  });
}

const ANYTHING = /^/u;
const WHOLE = /^-?[0-9]{1,15}$/u;
const DECIMAL = /^-?[0-9]{1,12}(?:\.[0-9]{1,18})?$/u;

function asText(value: unknown): string | undefined {
  if (typeof value === 'string') {
    return value;
  }
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
}

export function text(problem = '@ must be text', accepts = ANYTHING): Leaf<string> {
  return leaf(problem, (value) => {
    const given = asText(value);
    return given !== undefined && given.length <= 4096 && accepts.test(given) ? given : undefined;
  });
}

export function flag(problem = '@ must be true or false'): Leaf<boolean> {
  return leaf(problem, (value) => {
    const given = String(value).toLowerCase();
    if (given === 'true' || given === 'false') {
      return given === 'true';
    }
    return undefined;
  });
}

export function whole(
  from = 0,
  to: number = Number.MAX_SAFE_INTEGER,
  problem = to === Number.MAX_SAFE_INTEGER
    ? `@ must be a whole number of at least ${from}`
    : `@ must be a whole number between ${from} and ${to}`,
): Leaf<number> {
  return leaf(problem, (value) => {
    const given = asText(value);
    const number = given !== undefined && WHOLE.test(given) ? Number(given) : undefined;
    return number !== undefined && number >= from && number <= to ? number : undefined;
  });
}

/** Numbers that are neither money nor a price: ratios, percents, thresholds. */
export function ratio(
  from: number,
  to: number,
  problem = `@ must be between ${from} and ${to}`,
): Leaf<number> {
  return leaf(problem, (value) => {
    const given = asText(value);
    const number = given !== undefined && DECIMAL.test(given) ? Number(given) : undefined;
    return number !== undefined && number >= from && number <= to ? number : undefined;
  });
}

const DURATION_PROBLEM = '@ must be a duration such as 300ms, 30s, 5m or 1h30m';

/** Milliseconds. */
export function duration(
  from = 0,
  to: number = Number.MAX_SAFE_INTEGER,
  problem = DURATION_PROBLEM,
): Leaf<number> {
  return leaf(problem, (value) => {
    const given = asText(value);
    const parsed = given === undefined ? undefined : parseDuration(given);
    return parsed !== undefined && parsed >= from && parsed <= to ? parsed : undefined;
  });
}

export function oneOf<const T extends string>(values: readonly T[], problem?: string): Leaf<T> {
  return leaf(problem ?? `@ must be one of: ${values.join(', ')}`, (value) =>
    values.find((allowed) => allowed === asText(value)),
  );
}

/** Dollars as decimal text, at most 6 places; whether 0 or less may stand is the key's affair. */
export function dollars(
  problem = '@ must be an amount in dollars such as "12.50"',
  signed = false,
): Leaf<string> {
  return leaf(problem, (value) => {
    const given = asText(value);
    return given !== undefined && parseAmount(given, signed) !== undefined ? given : undefined;
  });
}

/** Decimal text that stays text: prices per hour, factors, discounts. */
export function decimal(problem: string, accepts: (text: string) => boolean): Leaf<string> {
  return leaf(problem, (value) => {
    const given = asText(value);
    return given !== undefined && accepts(given) ? given : undefined;
  });
}

/** Map of names to scalars, which become text (`Default: "NO"`, `CPUs: 16`). */
export function words(): z.ZodRecord<z.ZodString, Leaf<string>> {
  return z.record(z.string(), text(), { error: '@ must be a map of names to values' });
}

export function list<T extends z.ZodType>(of: T): z.ZodArray<T> {
  return z.array(of, { error: '@ must be a list' });
}

/** A key with its default in the file's own notation and one line for `config init`. */
export function key<T extends z.ZodType>(
  schema: T,
  value: z.input<T>,
  meta: KeyMeta | string = {},
): z.ZodPrefault<T> {
  // What may stand in the file for this key is what its default may be.
  const preset = value as z.core.util.NoUndefined<z.input<T>>;
  return z.prefault(schema, preset).meta(typeof meta === 'string' ? { comment: meta } : meta);
}

/** A key without default. */
export function option<T extends z.ZodType>(
  schema: T,
  meta: KeyMeta | string = {},
): z.ZodOptional<T> {
  return schema.optional().meta(typeof meta === 'string' ? { comment: meta } : meta);
}

export function section<T extends z.core.$ZodLooseShape>(shape: T): z.ZodObject<T> {
  return z.object(shape, { error: '@ must be a map of keys' });
}
