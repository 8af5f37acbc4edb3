import type { Planned } from '../analysis/analyse.ts';
import type { Strategy } from '../analysis/grouping.ts';
import type { EfaLevel } from '../constraint.ts';
import type { ExecutionPlan } from './plan.ts';

// What a plan says in place of the rules of the analysis (burst.md 3.2, 4.4, 4.6).

/** A plan without an MPI block is of a job that is not MPI. */
export function plannedOf(plan: ExecutionPlan): Planned {
  const { mpi, network } = plan;
  const isMpi = mpi?.isMpi ?? false;
  return {
    isMpi,
    level: levelOf(plan),
    isNotRequired: mpi?.requiresEfa === false,
    grouping: strategyOf(network.placement),
    ...(isWhole(plan) ? { gang: true } : {}),
  };
}

/** All nodes or none: those of an MPI job, and of whoever asks for it. */
export function isWhole({ mpi }: ExecutionPlan): boolean {
  return mpi !== undefined && (mpi.isGang || mpi.isMpi);
}

/** Required, or preferred where the plan only enables it or wants the lowest latency. */
function levelOf({ mpi, network }: ExecutionPlan): EfaLevel | undefined {
  if (mpi?.requiresEfa === true) {
    return 'required';
  }
  return network.enablesEfa || network.latencyClass === 'ultra-low' ? 'preferred' : undefined;
}

const STRATEGIES: Readonly<Record<string, Strategy>> = {
  cluster: 'cluster',
  partition: 'partition',
  spread: 'spread',
};

function strategyOf(word: string): Strategy | undefined {
  return Object.hasOwn(STRATEGIES, word) ? STRATEGIES[word] : undefined;
}
