import { nodeReason } from '../../core/burst/aborts.ts';
import type { Settings } from '../../core/config/settings.ts';
import { Fault } from '../../core/errors.ts';
import { compressNodelist } from '../../core/slurm/nodelist.ts';
import type { Slurm } from '../../ports/slurm.ts';
import type { Clock, Log } from '../../ports/system.ts';
import { type Deadline, deadlineIn, pause } from './deadline.ts';

export interface GiveBackPorts {
  readonly slurm: Pick<Slurm, 'setNodeState' | 'setAddresses'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly settings: { readonly slurm: Pick<Settings['slurm'], 'command_timeout'> };
  /** Of a hook with a limit of its own (SL-7). */
  readonly tellBy?: Deadline | undefined;
}

const TRIES_MAX = 3;
const RETRY_MS = 1500;
/** Without a hook's limit: within that time further tries are begun. */
const REPEAT_MS = 45_000;
/** So many nodes in a row, the first ones, refused as their list was: it is slurmctld, not one of them. */
const REFUSALS_MAX = 2;

/**
 * `power_down_force` for a whole gang in one command: its jobs are requeued, SuspendProgram follows
 * (burst.md 7.4). One at a time would let the survivors keep billing; so only when the list fails.
 * False: slurmctld did not take it, or not in time; reconcile will see to it.
 */
export async function giveBackNodes(
  nodes: readonly string[],
  why: { readonly code: string; readonly sentence: string },
  ports: GiveBackPorts,
): Promise<boolean> {
  const { clock, settings } = ports;
  const longestMs = settings.slurm.command_timeout;
  const end = ports.tellBy ?? deadlineIn({ clock, stop: NEVER }, REPEAT_MS + longestMs);
  const repeatUntil = { leftMs: () => Math.max(0, end.leftMs() - longestMs) };
  if (end.leftMs() === 0) {
    return false;
  }
  const reason = nodeReason(why);
  for (let tries = 1; tries <= TRIES_MAX; tries += 1) {
    if (await powerDown(compressNodelist(nodes), reason, ports)) {
      return true;
    }
    if (tries < TRIES_MAX && !(await pause(ports, RETRY_MS, repeatUntil))) {
      return false;
    }
  }
  return await powerDownEach(nodes, reason, { ...ports, repeatUntil });
}

const NEVER = { isRequested: false };

async function powerDownEach(
  nodes: readonly string[],
  reason: string,
  ports: GiveBackPorts & { readonly repeatUntil: Deadline },
): Promise<boolean> {
  let taken = 0;
  for (const [at, node] of nodes.entries()) {
    const isHopeless = taken === 0 && at >= REFUSALS_MAX;
    if (isHopeless || ports.repeatUntil.leftMs() === 0) {
      return false;
    }
    taken += (await powerDown(node, reason, ports)) ? 1 : 0;
  }
  return taken === nodes.length;
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
