import { z } from 'zod';

/** `asbb metrics --json`; values are numbers in digits, as in Prometheus' own answers. */
export const Metrics = z.array(
  z.strictObject({
    name: z.string(),
    type: z.enum(['gauge', 'counter']),
    help: z.string(),
    samples: z.array(
      z.strictObject({ labels: z.record(z.string(), z.string()), value: z.string() }),
    ),
  }),
);
export type Metrics = z.infer<typeof Metrics>;
