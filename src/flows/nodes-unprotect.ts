import { bootFailuresNote, parseBootFailures } from '../core/burst/boot-failures.ts';
import { parseProtected, protectedNote, recordUnprotected } from '../core/burst/protected.ts';
import type { Refused } from '../core/errors.ts';
import { noBurstPartition } from './steps/burst-partition.ts';
import type { BurstPorts } from './steps/burst-ports.ts';
import { note } from './steps/decide-burst.ts';

export interface Unprotected {
  readonly partition: string;
  readonly wasProtected: boolean;
  /** Boots in vain that were counted until now. */
  readonly failures: number;
  readonly isDryRun: boolean;
}

/**
 * A person has mended what kept the nodes from booting: the partition takes jobs again and its count
 * begins anew (burst.md 9.7). One that was not protected is set UP all the same. NOT_FOUND.
 */
export async function unprotectPartition(
  { partition, isDryRun }: { readonly partition: string; readonly isDryRun: boolean },
  ports: Pick<BurstPorts, 'ledger' | 'slurm' | 'log' | 'settings'>,
): Promise<Unprotected | Refused> {
  const unknown = noBurstPartition(partition, ports.settings);
  if (unknown !== undefined) {
    return unknown;
  }
  const cluster = ports.settings.slurm.cluster_name;
  const names = [protectedNote(cluster), bootFailuresNote(cluster)];
  const { notes } = await ports.ledger.read({ notes: names });
  const failures = parseBootFailures(notes[bootFailuresNote(cluster)])[partition] ?? 0;
  const wasProtected = Object.hasOwn(parseProtected(notes[protectedNote(cluster)]), partition);
  if (!isDryRun) {
    // SLURM first: while slurmctld does not take it the partition is not open, and nothing is forgotten.
    await ports.slurm.setPartitionState(partition, 'UP');
    const what = { verb: 'partition unprotected', args: { partition } };
    await note(ports, what, { notes: names }, (view) => recordUnprotected(view, partition));
    ports.log.write('info', 'partition_unprotected', { partition, count: failures });
  }
  return { partition, wasProtected, failures, isDryRun };
}
