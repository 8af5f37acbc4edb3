import { type Refused, refused } from '../../core/errors.ts';

/** Misconfiguration, not a user's mistake: job ids of two clusters must never meet (I16). */
export function wrongCluster(cluster: string | undefined, ours: string): Refused | undefined {
  return cluster === undefined || cluster === '' || cluster.toLowerCase() === ours.toLowerCase()
    ? undefined
    : refused('TRY_AGAIN', `slurm.cluster_name is ${ours}, the request comes from ${cluster}`);
}
