import { z } from 'zod';
import { Finding } from './findings.ts';

/** `text`: what was printed. `file`, `findings`: with --check. */
export const SlurmConf = z.strictObject({
  text: z.string().optional(),
  file: z.string().optional(),
  findings: z.array(Finding).optional(),
});
export type SlurmConf = z.infer<typeof SlurmConf>;
