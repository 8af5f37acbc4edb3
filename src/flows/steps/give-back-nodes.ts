import { nodeReason } from '../../core/burst/aborts.ts';
import { Fault } from '../../core/errors.ts';
import { compressNodelist } from '../../core/slurm/nodelist.ts';
import type { Slurm } from '../../ports/slurm.ts';
import type { Clock, Log } from '../../ports/system.ts';

export interface GiveBackPorts {
  readonly slurm: Pick<Slurm, 'setNodeState' | 'setAddresses'>;
  readonly clock: Clock;
  readonly log: Log;
}

const TRIES_MAX = 3;
const RETRY_MS = 1500;

/**
 * `power_down_force` for a whole gang in one command: its jobs are requeued, SuspendProgram follows
 * (burst.md 7.4). One at a time would let the survivors keep billing; so only when the list fails.
 * False: slurmctld did not take it; reconcile will.
 */
export async function giveBackNodes(
  nodes: readonly string[],
  why: { readonly code: string; readonly sentence: string },
  ports: GiveBackPorts,
): Promise<boolean> {
  const reason = nodeReason(why);
  for (let tries = 1; tries <= TRIES_MAX; tries += 1) {
    if (await powerDown(compressNodelist(nodes), reason, ports)) {
      return true;
    }
    if (tries < TRIES_MAX) {
      await ports.clock.sleep(RETRY_MS);
    }
  }
  let all = true;
  for (const node of nodes) {
    all = (await powerDown(node, reason, ports)) && all;
  }
  return all;
}

async function powerDown(
  nodeList: string,
  reason: string,
  { slurm, log }: GiveBackPorts,
): Promise<boolean> {
  try {
    await slurm.setNodeState(nodeList, 'power_down_force', reason);
    return true;
  } catch (error) {
    logFault(log, 'power_down_failed', nodeList, error);
    return false;
  }
}

/** Addresses go back to the node names; 22.05 with cloud_reg_addrs does it itself (burst.md 5.9). */
export async function resetAddresses(
  nodes: readonly string[],
  { slurm, log }: Pick<GiveBackPorts, 'slurm' | 'log'>,
): Promise<void> {
  if (nodes.length === 0) {
    return;
  }
  try {
    await slurm.setAddresses({ nodes, addresses: nodes, hostnames: nodes });
  } catch (error) {
    logFault(log, 'address_reset_failed', compressNodelist(nodes), error);
  }
}

function logFault(log: Log, event: string, nodes: string, error: unknown): void {
  if (!(error instanceof Fault)) {
    throw error;
  }
  log.write('warn', event, { node: nodes, msg: error.message });
}
