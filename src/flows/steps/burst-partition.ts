import { didYouMean } from '../../core/config/did-you-mean.ts';
import type { Settings } from '../../core/config/settings.ts';
import { type Refused, refused } from '../../core/errors.ts';

/** NOT_FOUND: only the partitions of the configuration have burst nodes. */
export function noBurstPartition(partition: string, { slurm }: Settings): Refused | undefined {
  const names = slurm.partitions.map((each) => each.partition_name);
  if (names.includes(partition)) {
    return;
  }
  const meant = didYouMean(partition, names);
  const known = `slurm.partitions has ${names.join(', ').slice(0, 200) || 'none'}`;
  return refused('NOT_FOUND', `No burst partition '${partition.slice(0, 64)}'`, {
    advice: meant === undefined ? known : `did you mean ${meant}?`,
    fields: { partition: partition.slice(0, 64) },
  });
}
