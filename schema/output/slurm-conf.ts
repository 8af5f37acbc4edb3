import { z } from 'zod';

const Finding = z.strictObject({
  id: z.string(),
  severity: z.enum(['error', 'warning', 'note']),
  path: z.string(),
  message: z.string(),
  fix: z.string(),
});

/** `text`: what was printed. `file`, `findings`: with --check. */
export const SlurmConf = z.strictObject({
  text: z.string().optional(),
  file: z.string().optional(),
  findings: z.array(Finding).optional(),
});
export type SlurmConf = z.infer<typeof SlurmConf>;
