import { z } from 'zod';
import { Dollars } from './common.ts';

/** `asbb nodes list --json`. */
export const NodesList = z.array(
  z.strictObject({
    node: z.string(),
    partition: z.string(),
    state: z.string().meta({ description: "SLURM's words, joined by +." }),
    intent: z.string().optional(),
    instance_id: z.string().optional(),
    instance_state: z.string().optional(),
    instance_type: z.string().optional(),
    availability_zone: z.string().optional(),
    lifecycle: z.string().optional(),
    private_ip: z.string().optional(),
    price_per_hour: Dollars.optional(),
    age_seconds: z.int().optional(),
    job_ids: z.array(z.string()),
    reason: z.string().optional(),
  }),
);

export type NodesList = z.infer<typeof NodesList>;

/** `asbb nodes reconcile --json`. */
export const NodesReconcile = z.strictObject({
  state: z.enum(['running', 'done', 'looked']),
  nodes: z.array(
    z.strictObject({
      node: z.string(),
      slurm: z.string(),
      instance: z.string(),
      instance_id: z.string().optional(),
      acts: z.array(z.string()),
    }),
  ),
  foreign_instances: z.array(z.string()),
  rows_written: z.int(),
  instances_ended: z.int(),
  instances_adopted: z.int(),
  placement_groups_deleted: z.int(),
  partitions_protected: z.array(z.string()).meta({ description: 'Set INACTIVE by this run.' }),
  problems: z.array(z.string()),
});

export type NodesReconcile = z.infer<typeof NodesReconcile>;

/** `asbb nodes unprotect --json`. */
export const NodesUnprotect = z.strictObject({
  partition: z.string(),
  was_protected: z.boolean(),
  boot_failures: z.int().meta({ description: 'Counted until now.' }),
  dry_run: z.boolean(),
});

export type NodesUnprotect = z.infer<typeof NodesUnprotect>;
