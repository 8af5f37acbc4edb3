import { z } from 'zod';

// What other programs say of a job's cost (budget.md 3.8, 3.10): flat, or wrapped in job_cost_data.
// Amounts are the texts of their JSON numbers; what we do not use is let through and kept as received.

/** The reader of the file makes texts of these numbers: no binary fraction ever holds money. */
export const MONEY_KEYS: ReadonlySet<string> = new Set(['actual_cost', 'estimated_cost']);

const Share = z.number().min(0).max(1);
const Word = z.string().max(255);

export const CostData = z.looseObject({
  schema: Word.optional(),
  job_id: z.union([Word, z.int()]).optional(),
  slurm_job_id: z.union([Word, z.int()]).optional(),
  budget_transaction_id: Word.optional(),
  account: Word.optional(),
  partition: Word.optional(),
  user_id: z.union([Word, z.int()]).optional(),
  actual_cost: z.string(),
  estimated_cost: z.string().optional(),
  job_state: Word.optional(),
  success: z.boolean().optional(),
  completed_at: Word.optional(),
  submitted_at: Word.optional(),
  restart_count: z.int().min(0).optional(),
  cpu_efficiency: Share.optional(),
  memory_efficiency: Share.optional(),
  gpu_efficiency: Share.optional(),
  burst_decision: Word.optional(),
  performance_profile: Word.optional(),
  compute_intensive: z.boolean().optional(),
  memory_intensive: z.boolean().optional(),
  io_intensive: z.boolean().optional(),
  network_intensive: z.boolean().optional(),
  optimization_opportunities: z.array(Word).optional(),
  similar_job_patterns: z.array(Word).optional(),
  resource_recommendations: z.array(Word).optional(),
});
export type CostData = z.output<typeof CostData>;

/** Earlier runs of a requeued job stand in `runs`, oldest first; the newest is the object itself. */
export const CostReport = z.union([
  z
    .looseObject({ job_cost_data: CostData })
    .transform(({ job_cost_data }) => ({ ...job_cost_data, runs: [] as readonly CostData[] })),
  CostData.extend({ runs: z.array(CostData).default([]) }),
]);
export type CostReport = z.output<typeof CostReport>;
