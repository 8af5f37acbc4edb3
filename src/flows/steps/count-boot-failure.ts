import { bootNotes, recordBootFailures } from '../../core/burst/boot-failures.ts';
import { nodePlace } from '../../core/burst/node-names.ts';
import type { InstanceRow } from '../../core/ledger/rows.ts';
import type { BurstPorts } from './burst-ports.ts';
import { note } from './decide-burst.ts';

/** A node whose instance came and whose slurmd never did. */
export interface UnbootedNode {
  readonly node: string;
  readonly row?: InstanceRow | undefined;
}

/** One failed boot a node; many in a row are an operator's matter (burst.md 9.3, 9.7). */
export async function countBootFailures(
  nodes: readonly UnbootedNode[],
  ports: BurstPorts,
): Promise<void> {
  const { settings, log } = ports;
  const boots = nodes.flatMap(({ node, row }) => {
    const place = nodePlace(settings.slurm.partitions, node);
    return place === undefined
      ? []
      : [{ partition: place.partition, instanceType: row?.instanceType, zone: row?.zone }];
  });
  if (boots.length === 0) {
    return;
  }
  const what = { verb: 'boot failed', args: { nodes: nodes.map(({ node }) => node) } };
  const query = { notes: bootNotes(settings.slurm.cluster_name) };
  const counts = await note(ports, what, query, (view) => recordBootFailures(view, boots));
  const limit = settings.burst.protected_failure_count;
  for (const [partition, count] of Object.entries(counts)) {
    const isAlert = limit > 0 && count >= limit;
    log.write(isAlert ? 'error' : 'warn', 'boot_failed', { partition, count });
  }
}
