import { isLive } from '../../core/burst/plan-launch.ts';
import { isUp } from '../../core/burst/reconcile-facts.ts';
import { ROWS_MAX } from '../../core/burst/record.ts';
import { recordBound } from '../../core/burst/record-instances.ts';
import { nodeOfTags } from '../../core/burst/tags.ts';
import type { InstanceRow } from '../../core/ledger/rows.ts';
import type { FleetView } from '../../core/ledger/view.ts';
import type { CloudInstance } from '../../ports/cloud.ts';
import type { SlurmNode } from '../../ports/slurm.ts';
import { type BoundNode, setAddresses } from './bind-nodes.ts';
import type { BurstPorts } from './burst-ports.ts';
import { note } from './decide-burst.ts';

interface Seen {
  readonly nodes: readonly SlurmNode[];
  readonly instances: readonly CloudInstance[];
}

interface Half extends BoundNode {
  readonly row: InstanceRow;
  readonly isTold: boolean;
}

/**
 * A resume that died between an instance's name tag and the end of step 10 (burst.md 5.1, F39): the
 * instance knows its name and its node is up, but slurmctld may lack the address and the ledger calls
 * the row pending. Does what is left of the step; what fails comes again with the next run.
 */
export async function finishBinds(
  { instances: rows }: FleetView,
  seen: Seen,
  ports: BurstPorts,
): Promise<void> {
  const halves = halfBound(rows, seen);
  const told: Half[] = [];
  for (const half of halves) {
    if (half.isTold || (await setAddresses([half], ports))) {
      told.push(half);
    }
  }
  for (let at = 0; at < told.length; at += ROWS_MAX) {
    const part = told.slice(at, at + ROWS_MAX).map(({ row }) => row);
    const instanceIds = part.map(({ instanceId }) => instanceId);
    const what = { verb: 'reconcile bound', args: { instances: instanceIds } };
    await note(ports, what, { fleet: { instanceIds } }, (view) => recordBound(view, instanceIds));
  }
}

function halfBound(rows: readonly InstanceRow[], { nodes, instances }: Seen): readonly Half[] {
  const up = new Map(nodes.filter(isUp).map((node) => [node.name, node]));
  const running = new Map(
    instances
      .filter(({ state, privateIp }) => state === 'running' && privateIp !== '')
      .map((instance) => [instance.instanceId, instance]),
  );
  return rows.flatMap((row) => {
    const node = up.get(row.node);
    const instance = running.get(row.instanceId);
    const isNamed = instance !== undefined && nodeOfTags(instance.tags) === row.node;
    return node !== undefined && isNamed && isLive(row) && row.state === 'pending'
      ? [{ row, instance, node: row.node, isTold: node.address === instance.privateIp }]
      : [];
  });
}
