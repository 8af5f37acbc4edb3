import { z } from 'zod';

/** `asbb burst export --json`: what was written, and where. */
export const BurstExport = z.strictObject({
  format: z.string(),
  /** Absent with --stdout. */
  file: z.string().optional(),
  document: z.union([z.string(), z.record(z.string(), z.unknown())]).meta({
    description: 'As in the file: burst.md 8.5 and 8.6.',
  }),
});
export type BurstExport = z.infer<typeof BurstExport>;
