import { z } from 'zod';

// What the advisor says of a job (burst.md 2.4): printed by its program, or the body of its answer.
// Only should_burst is needed; what we do not know is let through.

/** The reader makes texts of these numbers: no binary fraction ever holds money. */
export const ADVICE_MONEY_KEYS: ReadonlySet<string> = new Set(['aws_cost', 'onpremise_cost']);

const Word = z.string().max(1024);
/** `2h30m0s`, or nanoseconds as Go writes them. */
const Span = z.union([Word, z.number()]);

export const AdvisorAnswer = z.object({
  should_burst: z.boolean(),
  recommended_action: Word.optional(),
  cost_analysis: z
    .object({
      onpremise_cost: Word.optional(),
      aws_cost: Word.optional(),
      savings_percent: z.number().optional(),
      break_even_hours: z.number().optional(),
    })
    .nullish(),
  performance_model: z
    .object({
      onpremise_wait_time: Span.optional(),
      aws_provision_time: Span.optional(),
      network_latency: Span.optional(),
      storage_latency: Span.optional(),
    })
    .nullish(),
  confidence: z.number().optional(),
  decision_factors: z.array(Word).max(1000).nullish(),
});
export type AdvisorAnswer = z.output<typeof AdvisorAnswer>;
