import type { EfaLevel } from '../constraint.ts';

/** Families in order of preference, and the rule that made the order (burst.md 4.5). */
export interface FamilyChoice {
  readonly families: readonly string[];
  readonly text: string;
}

export interface FamilyQuestion {
  readonly isMpi: boolean;
  readonly nodes: number;
  readonly gpus: number;
  readonly level: EfaLevel;
  readonly hpcPreference: boolean;
  /** `mpi.hpc_instances_threshold`. */
  readonly hpcThreshold: number;
  /** Undefined: not known, then the job counts as CPU-bound. */
  readonly mibPerCpu: number | undefined;
}

export const HPC_FAMILIES = ['hpc7a', 'hpc6id', 'hpc6a'] as const;
export const COMPUTE_FAMILIES = ['c6in', 'c6i', 'c5n'] as const;
export const MEMORY_FAMILIES = ['r6i', 'r5n'] as const;
export const STANDARD_FAMILIES = ['c6i', 'c5', 'm6i', 'm5', 'r6i', 'r5'] as const;
export const GPU_FAMILIES = ['p4d', 'p3dn', 'g4dn'] as const;

const HPC_LEADS = 16;
const LARGER = 4;
/** Above it a job is memory-bound. */
const MIB_PER_CPU = 4096;

export function familyChoice(question: FamilyQuestion): FamilyChoice {
  const { isMpi, nodes, gpus, level } = question;
  if (gpus > 0) {
    return { families: GPU_FAMILIES, text: `${gpus} GPUs a node` };
  }
  if (!isMpi) {
    return { families: [], text: 'the order of the node group: not an MPI job' };
  }
  if (nodes < LARGER) {
    return withHpc(
      STANDARD_FAMILIES,
      `MPI on ${nodes === 1 ? '1 node' : `${nodes} nodes`}`,
      question,
    );
  }
  if (level === 'optional' || level === 'disabled') {
    return { families: STANDARD_FAMILIES, text: `EFA is ${level}` };
  }
  return isMemoryBound(question)
    ? withHpc(MEMORY_FAMILIES, `MPI on ${nodes} nodes, ${question.mibPerCpu} MiB a CPU`, question)
    : withHpc(COMPUTE_FAMILIES, `MPI on ${nodes} nodes`, question);
}

function isMemoryBound({ mibPerCpu }: FamilyQuestion): boolean {
  return mibPerCpu !== undefined && mibPerCpu > MIB_PER_CPU;
}

/** HPC families from the threshold on: in front from 16 nodes on, or for an application that likes them. */
function withHpc(
  families: readonly string[],
  text: string,
  { nodes, hpcThreshold, hpcPreference }: FamilyQuestion,
): FamilyChoice {
  if (nodes < hpcThreshold) {
    return { families, text };
  }
  return nodes >= HPC_LEADS || hpcPreference
    ? { families: [...HPC_FAMILIES, ...families], text: `${text}, HPC families first` }
    : { families: [...families, ...HPC_FAMILIES], text: `${text}, HPC families last` };
}
