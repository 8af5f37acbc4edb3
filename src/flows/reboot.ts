import { EXIT, type ExitCode, type Refused, refused } from '../core/errors.ts';
import { expandNodelist, isNodelistError } from '../core/slurm/nodelist.ts';
import type { BurstPorts } from './steps/burst-ports.ts';

export interface RebootResult {
  readonly instanceIds: readonly string[];
  readonly exitCode: ExitCode;
}

/** RebootProgram: reboots what the nodes are bound to, nothing else changes. NOT_FOUND without (7.6). */
export async function reboot(nodeList: string, ports: BurstPorts): Promise<RebootResult | Refused> {
  const nodes = expandNodelist(nodeList, { unique: true });
  if (isNodelistError(nodes)) {
    return refused('VALIDATION_ERROR', nodes.text);
  }
  if (nodes.length === 0) {
    return refused('VALIDATION_ERROR', 'nodelist is empty');
  }
  const { fleet } = await ports.ledger.read({ fleet: { nodes } });
  const instanceIds = fleet.instances
    .filter(({ state }) => state === 'bound' || state === 'ready')
    .map(({ instanceId }) => instanceId);
  if (instanceIds.length === 0) {
    return refused('NOT_FOUND', `no instance is bound to ${nodeList}`);
  }
  await ports.cloud.reboot(instanceIds);
  ports.log.write('info', 'nodes_rebooted', { node: nodeList, instances: instanceIds.join(',') });
  return { instanceIds, exitCode: EXIT.ok };
}
