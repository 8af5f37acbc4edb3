import type { Gang } from '../../core/burst/gangs.ts';
import { nodePlace } from '../../core/burst/node-names.ts';
import { isLive, isOpenIntent } from '../../core/burst/plan-launch.ts';
import { Fault } from '../../core/errors.ts';
import { compressNodelist, expandNodelist, isNodelistError } from '../../core/slurm/nodelist.ts';
import type { BurstPorts } from './burst-ports.ts';

/**
 * Gangs of which slurmctld handed over only a slice (ResumeRate, burst.md 7.5): another node of the
 * job is powered down and not in this call. Nodes that are up, or coming under an open intent, are
 * GANG-5 and no slice.
 */
export async function splitGangs(
  gangs: readonly Gang[],
  called: ReadonlySet<string>,
  ports: BurstPorts,
): Promise<ReadonlySet<Gang>> {
  const others = new Map(gangs.map((gang) => [gang, othersOf(gang, called, ports)]));
  const names = [...new Set([...others.values()].flat())];
  if (names.length === 0) {
    return new Set();
  }
  const [off, coming] = await Promise.all([poweredDown(names, ports), comingNodes(names, ports)]);
  return new Set(
    gangs.filter((gang) => others.get(gang)?.some((node) => off.has(node) && !coming.has(node))),
  );
}

function othersOf(
  gang: Gang,
  called: ReadonlySet<string>,
  { settings }: BurstPorts,
): readonly string[] {
  return gang.jobs
    .flatMap(({ allocated }) => allocated)
    .filter((node) => !called.has(node))
    .filter((node) => nodePlace(settings.slurm.partitions, node) !== undefined);
}

/** None when slurmctld does not tell: then nothing speaks for a slice. */
async function poweredDown(
  names: readonly string[],
  { slurm, log }: BurstPorts,
): Promise<ReadonlySet<string>> {
  try {
    const nodes = await slurm.nodes(compressNodelist(names));
    const off = nodes.filter(
      ({ flags }) => flags.includes('POWERED_DOWN') && !flags.includes('POWERING_UP'),
    );
    return new Set(off.map(({ name }) => name));
  } catch (error) {
    if (!(error instanceof Fault)) {
      throw error;
    }
    log.write('warn', 'nodes_unreadable', { msg: error.message });
    return new Set();
  }
}

async function comingNodes(
  names: readonly string[],
  { ledger }: BurstPorts,
): Promise<ReadonlySet<string>> {
  const { fleet } = await ledger.read({ fleet: { nodes: names, open: true } });
  const planned = fleet.intents.filter(isOpenIntent).flatMap((intent) => {
    const nodes = expandNodelist(intent.nodes);
    return isNodelistError(nodes) ? [] : nodes;
  });
  return new Set([...fleet.instances.filter(isLive).map(({ node }) => node), ...planned]);
}
