import { Flags } from '@oclif/core';

/** How a job is described (budget.md 3.2). */
export const jobFlags = {
  partition: Flags.string({
    summary: 'Where it would run; else ASBB_DEFAULT_PARTITION, slurm.default_partition.',
  }),
  nodes: Flags.integer({ summary: 'Nodes.', default: 1, min: 1 }),
  cpus: Flags.integer({ summary: 'CPUs of each node.', default: 1, min: 1 }),
  gpus: Flags.integer({ summary: 'GPUs of the whole job.', default: 0, min: 0 }),
  memory: Flags.string({ summary: 'Memory of each node, as 16G.' }),
  time: Flags.string({ summary: 'Time limit: 2h, 90:00, 1-12:00:00.', default: '1h' }),
  profile: Flags.string({ summary: 'Kind of job, as costs are learned by.', default: '' }),
};
