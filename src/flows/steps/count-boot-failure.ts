import { bootFailuresNote, recordBootFailure } from '../../core/burst/boot-failures.ts';
import { nodePlace } from '../../core/burst/node-names.ts';
import type { BurstPorts } from './burst-ports.ts';
import { note } from './decide-burst.ts';

/** Counts one failed boot a partition; many in a row are an operator's matter (burst.md 9.7). */
export async function countBootFailure(nodes: readonly string[], ports: BurstPorts): Promise<void> {
  const { settings, log } = ports;
  const partitions = new Set(
    nodes.flatMap((node) => nodePlace(settings.slurm.partitions, node)?.partition ?? []),
  );
  for (const partition of partitions) {
    const what = { verb: 'boot failed', args: { partition } };
    const query = { notes: [bootFailuresNote(settings.slurm.cluster_name)] };
    const count = await note(ports, what, query, (view) => recordBootFailure(view, partition));
    const limit = settings.burst.protected_failure_count;
    const isAlert = limit > 0 && count >= limit;
    log.write(isAlert ? 'error' : 'warn', 'boot_failed', { partition, count });
  }
}
