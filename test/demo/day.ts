import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';

const CLOCK = /^\d\d:\d\d$/u;

const Fault = z.strictObject({ on: z.literal('epilog'), job: z.string(), do: z.literal('skip') });

const Expectation = z.strictObject({ job: z.string(), state: z.string() });

const Capacity = z.strictObject({
  type: z.string(),
  market: z.enum(['spot', 'on-demand']),
  set: z.int().nonnegative(),
});

const Step = z.strictObject({
  say: z.string().optional(),
  at: z.string().regex(CLOCK).optional(),
  as: z.enum(['operator', 'alice', 'bob']).optional(),
  run: z.string().optional(),
  job: z.string().optional(),
  exit: z.int().default(0),
  shows: z.string().optional(),
  fake: z.strictObject({ capacity: Capacity }).optional(),
  fault: Fault.optional(),
  expect: Expectation.optional(),
});

const Day = z.strictObject({
  date: z.iso.date(),
  scripts: z.record(z.string(), z.string()),
  steps: z.array(Step),
});

export type Fault = z.infer<typeof Fault>;
export type Capacity = z.infer<typeof Capacity>;
export type Step = z.infer<typeof Step>;
export type Day = z.infer<typeof Day>;

export function readDay(file: string): Day {
  return Day.parse(parse(readFileSync(file, 'utf8')));
}
