import { z } from 'zod';

const Day = z.string().regex(/^\d{4}-\d{2}-\d{2}$/u);
const figures = {
  jobs: z.int(),
  mean_accuracy: z.number(),
  within_10_percent: z.number(),
  mean_ratio: z.number(),
  median_ratio: z.number(),
  mean_deviation_pct: z.number(),
  below_target: z.boolean(),
};

/** budget.md 4.12. */
export const AccuracyReport = z.strictObject({
  period: z.string(),
  start_date: Day,
  end_date: Day,
  cost_model_accuracy: z.number(),
  ...figures,
  accuracy_threshold: z.number(),
  variance_threshold: z.number(),
  partitions: z.array(z.strictObject({ partition: z.string(), ...figures })),
  models: z.array(
    z.strictObject({
      account: z.string(),
      partition: z.string(),
      profile: z.string(),
      factor: z.number(),
      samples: z.int(),
      mean_accuracy: z.number(),
      updated_at: z.string(),
    }),
  ),
});
export type AccuracyReport = z.infer<typeof AccuracyReport>;

export const PerformanceReport = z.strictObject({
  period: z.string(),
  start_date: Day,
  end_date: Day,
  profiles: z.array(
    z.strictObject({
      performance_profile: z.string(),
      jobs: z.int(),
      cpu_efficiency: z.number().optional(),
      memory_efficiency: z.number().optional(),
      gpu_efficiency: z.number().optional(),
      actual_vs_estimated_ratio: z.number(),
      resource_recommendations: z.array(z.string()),
    }),
  ),
});
export type PerformanceReport = z.infer<typeof PerformanceReport>;
