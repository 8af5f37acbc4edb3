/** A rule of burst.md that has an id, in a few words, and where its test must be (for ids used twice). */
export interface Rule {
  readonly id: string;
  readonly words: string;
  readonly below?: string;
}

/** R1 to R7 are also campaigns of reliability.md 6. */
const ANALYSIS = 'test/analysis/';

/** fake-ec2.md and emulator.md have none; F1 to F57 are in fault-catalogue, I1 to I20 in test/ledger. */
export const RULES: readonly Rule[] = [
  { id: 'CMD-1', words: 'slurm.conf names bare wrappers that set PATH and the configuration' },
  { id: 'CMD-2', words: '--config, ASBB_CONFIG, /etc/asbb/config.yaml; by hand the original’s' },
  { id: 'CMD-3', words: 'a hook without a configuration still gives the nodes back' },
  { id: 'CMD-4', words: 'a dry run shows everything and writes nothing' },
  { id: 'CMD-5', words: 'an empty nodelist is a usage error' },
  { id: 'CMD-6', words: 'resume and suspend twice are once' },
  { id: 'GANG-1', words: 'two nodes are a gang; tasks of one array are one best-effort call' },
  { id: 'GANG-2', words: 'all members or none; ids are written before they are terminated' },
  { id: 'GANG-3', words: 'more than 1000 nodes: several calls, one compensation' },
  { id: 'GANG-4', words: 'several node groups are one gang' },
  { id: 'GANG-5', words: 'the missing nodes of a job are a gang; an abort requeues the job' },
  { id: 'GANG-6', words: 'cluster group or EFA: one zone, that of members that exist' },
  { id: 'GANG-7', words: 'nobody asks beforehand whether there is capacity' },
  { id: 'GANG-8', words: 'components of a heterogeneous job are one gang' },
  { id: 'GANG-9', words: 'jobs on a shared node are one gang; slurm conf asks for EXCLUSIVE' },
  { id: 'SL-1', words: 'descriptors, PATH, HOME, LC_ALL, umask, absolute SLURM commands' },
  { id: 'SL-2', words: 'paths without arguments, run as SlurmUser' },
  { id: 'SL-3', words: 'ResumeProgram twice, for several jobs, for nodes without a job' },
  { id: 'SL-4', words: 'EpilogSlurmctld is a hint: once a run, never, or early' },
  { id: 'SL-5', words: 'a hold needs no job; --test-only keeps none' },
  { id: 'SL-6', words: 'the token is in admin_comment; comment belongs to the user' },
  { id: 'SL-7', words: 'limits of our own: 1.8 s, 60 % of ResumeTimeout, 60 s, 5 s' },
  { id: 'SL-8', words: 'submit and modify start no program and open no connection' },
  { id: 'NL-1', words: 'the low end gives the width' },
  { id: 'NL-2', words: 'all combinations, last bracket fastest' },
  { id: 'NL-3', words: 'order and duplicates are kept by expand' },
  { id: 'NL-4', words: 'empty elements are skipped' },
  { id: 'NL-5', words: 'case, 255 characters, 65536 numbers, 100000 names' },
  { id: 'NL-6', words: 'text after the last bracket, refused by --strict' },
  { id: 'NL-7', words: 'a bad list is refused whole, by column' },
  { id: 'COST-1', words: 'prices are integers of 1e-10 dollar' },
  { id: 'COST-2', words: 'from LaunchTime to the end that EC2 tells' },
  { id: 'COST-3', words: 'by the second, a minute at least' },
  { id: 'COST-4', words: 'spot at the price of each moment' },
  { id: 'COST-5', words: 'one rounding an instance' },
  { id: 'COST-6', words: 'the first hour of interrupted spot is free' },
  { id: 'COST-7', words: 'discounts by type pattern' },
  { id: 'COST-8', words: 'volumes, and what is not included' },
  { id: 'COST-9', words: 'dated snapshots; a missing price is never 0' },
  { id: 'R1', words: 'a launcher', below: ANALYSIS },
  { id: 'R2', words: 'srun with tasks or --mpi', below: ANALYSIS },
  { id: 'R3', words: 'source of an MPI program', below: ANALYSIS },
  { id: 'R4', words: 'more tasks than nodes', below: ANALYSIS },
  { id: 'R5', words: 'a known application', below: ANALYSIS },
  { id: 'R6', words: 'an MPI library', below: ANALYSIS },
  { id: 'R7', words: 'a variable of an MPI library', below: ANALYSIS },
];
