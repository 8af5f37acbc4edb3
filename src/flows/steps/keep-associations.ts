import { enforcesAssociations } from '../../core/slurm/conf/parameters.ts';
import type { Associations, Slurm } from '../../ports/slurm.ts';

export interface KeepAssociationsPorts {
  readonly slurm: Pick<Slurm, 'config' | 'associations'>;
  readonly associations: Associations;
}

/** A step of `maintain`: the pairs of account and user, while the cluster does not enforce them (T3). */
export async function keepAssociations({
  slurm,
  associations,
}: KeepAssociationsPorts): Promise<string> {
  if (enforcesAssociations(await slurm.config())) {
    associations.keep(undefined);
    return 'the cluster enforces associations';
  }
  const pairs = await slurm.associations();
  associations.keep(pairs);
  return `the cluster enforces no associations: ${pairs.length} noted for submit`;
}
