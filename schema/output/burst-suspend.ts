import { z } from 'zod';

const NodeInstance = z.strictObject({ node: z.string(), instance_id: z.string() });

/** `asbb burst suspend --json` (burst.md 1.3). */
export const BurstSuspend = z.strictObject({
  terminated: z.array(NodeInstance),
  already_gone: z.array(z.string()).meta({ description: 'Nodes without an instance.' }),
  failed: z.array(z.strictObject({ ...NodeInstance.shape, code: z.string() })),
  skipped: z.array(z.string()).meta({ description: 'Nodes in use again; left alone.' }),
  notes: z.array(z.string()).meta({ description: 'Who could not be asked, why, what to do.' }),
  dry_run: z.boolean(),
});

export type BurstSuspend = z.infer<typeof BurstSuspend>;
