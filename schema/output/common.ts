import { z } from 'zod';
import type { Money } from '../../src/core/money/money.ts';

/**
 * Dollars: a JSON number with at most 6 decimals (budget.md 0.1). In the program it is Money; the
 * writer (src/cli/json-text.ts) makes the number from its digits, which is what makes the cast true.
 */
export const Dollars = z
  .number()
  .meta({ description: 'Dollars, at most 6 decimals.' }) as unknown as z.ZodType<Money>;

const SECONDS = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/u;
const MILLISECONDS = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/u;

/** Told by SLURM, EC2 or a person. */
export const Instant = z.string().regex(SECONDS).meta({ description: 'RFC 3339, seconds, UTC.' });

/** A moment of our own clock. */
export const Moment = z
  .string()
  .regex(MILLISECONDS)
  .meta({ description: 'RFC 3339, milliseconds, UTC.' });

/** The error body of budget.md 3.1, of every command that fails with --json. */
export const ErrorBody = z.strictObject({
  error: z.strictObject({
    code: z.string(),
    message: z.string(),
    details: z.string().optional(),
    field: z.string().optional(),
    fields: z.record(z.string(), z.string()).optional(),
  }),
  request_id: z.string(),
  timestamp: Instant,
});
