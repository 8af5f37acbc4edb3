import { didYouMean } from '../../core/config/did-you-mean.ts';
import type { Settings } from '../../core/config/settings.ts';
import { type Refused, refused } from '../../core/errors.ts';
import type { Reports } from '../../ports/reports.ts';

export interface PartitionPorts {
  readonly reports: Pick<Reports, 'partitionNames'>;
  readonly settings: { readonly slurm: Pick<Settings['slurm'], 'partitions'> };
}

/**
 * NOT_FOUND with the name that was probably meant, of a partition that neither the configuration nor
 * the books know: asking what was used there would say "nothing". Undefined: it is known, or not asked.
 */
export async function unknownPartition(
  name: string | undefined,
  { reports, settings }: PartitionPorts,
): Promise<Refused | undefined> {
  const own = settings.slurm.partitions.map(({ partition_name }) => partition_name);
  if (name === undefined || own.includes(name)) {
    return;
  }
  const booked = await reports.partitionNames();
  if (booked.includes(name)) {
    return;
  }
  const meant = didYouMean(name, [...own, ...booked]);
  const list = own.length === 0 ? 'see sinfo --summarize' : `it has ${own.join(', ')}`;
  return refused(
    'NOT_FOUND',
    `No partition '${name.slice(0, 64)}' in the configuration or the books`,
    {
      advice: meant === undefined ? list.slice(0, 200) : `did you mean ${meant}?`,
      fields: { partition: name.slice(0, 64) },
    },
  );
}
