import { z } from 'zod';

/** SLURM_RESUME_FILE of 22.05 and of 23.02 and later (burst.md 7.2); unknown fields are ignored. */
const JobId = z.union([
  z.int().positive(),
  z
    .string()
    .regex(/^[1-9][0-9]{0,9}$/)
    .transform(Number),
]);

const Job = z.object({
  job_id: JobId,
  nodes: z.string().optional(),
  nodes_alloc: z.string().optional(),
  nodes_resume: z.string().optional(),
  oversubscribe: z.enum(['YES', 'NO', 'USER', 'MCS', 'OK']).catch('OK'),
});

export const ResumeFile = z.object({
  jobs: z.array(Job),
  all_nodes: z.string().optional(),
  all_nodes_resume: z.string().optional(),
});

export type ResumeFile = z.infer<typeof ResumeFile>;
