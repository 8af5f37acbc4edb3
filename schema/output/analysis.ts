import { z } from 'zod';

/** `asbb burst analyze --json` (burst.md 4.8). */
export const Analysis = z.strictObject({
  is_mpi: z.boolean(),
  confidence: z.number().min(0).max(1),
  rules: z.array(
    z.strictObject({
      id: z.enum(['R1', 'R2', 'R3', 'R4', 'R5', 'R6', 'R7']),
      confidence: z.number().min(0).max(1),
      line: z.int().positive().nullable(),
      text: z.string(),
    }),
  ),
  processes: z.int(),
  nodes: z.int().positive(),
  cpus_per_node: z.int(),
  mem_mib_per_node: z.int().nullable(),
  gpus: z.int().meta({ description: 'Of each node.' }),
  efa: z.strictObject({
    level: z.enum(['required', 'preferred', 'optional', 'disabled']),
    source: z.enum(['feature', 'plan', 'table', 'config']),
  }),
  hpc_preference: z.boolean(),
  families: z.array(z.string()),
  candidates: z.array(z.strictObject({ type: z.string(), fits: z.boolean(), reason: z.string() })),
  placement_group: z.enum(['cluster', 'partition', 'spread']).nullable(),
  gang: z.boolean(),
  single_az: z.boolean(),
  explain: z.array(z.string()),
  node_group: z.string().nullable().meta({
    description: 'PARTITION-GROUP whose types were weighed; null: not a burst partition.',
  }),
  catalog: z.string().meta({ description: 'Where the facts of the instance types are from.' }),
});

export type Analysis = z.infer<typeof Analysis>;
