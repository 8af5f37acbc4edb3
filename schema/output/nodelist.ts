import { z } from 'zod';

export const ExpandedList = z.strictObject({
  nodes: z.array(z.string()),
  count: z.int(),
});
export type ExpandedList = z.infer<typeof ExpandedList>;

export const CompressedList = z.strictObject({
  list: z.string().meta({ description: 'As SLURM writes it: aws-hpc-[001-016,020].' }),
});
export type CompressedList = z.infer<typeof CompressedList>;
