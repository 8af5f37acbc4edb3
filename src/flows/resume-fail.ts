import type { AbortCause } from '../core/burst/aborts.ts';
import { type AbortScope, abortScope, aloneScope, gangOf } from '../core/burst/gang-of.ts';
import { isLive } from '../core/burst/plan-launch.ts';
import { EXIT, type ExitCode, Fault, type Refused, refused } from '../core/errors.ts';
import type { InstanceRow } from '../core/ledger/rows.ts';
import type { FleetView } from '../core/ledger/view.ts';
import { jobsByNode } from '../core/slurm/jobs-by-node.ts';
import { compressNodelist, expandNodelist, isNodelistError } from '../core/slurm/nodelist.ts';
import { abortGang } from './steps/abort-gang.ts';
import type { BurstPorts } from './steps/burst-ports.ts';
import { countBootFailures } from './steps/count-boot-failure.ts';
import { type Deadline, deadlineIn } from './steps/deadline.ts';
import { giveBackNodes } from './steps/give-back-nodes.ts';
import { spoolQuietly } from './steps/spool-quietly.ts';
import { terminateOnly } from './steps/terminate-instances.ts';

export interface ResumeFailResult {
  readonly aborted: readonly AbortScope[];
  /** Nodes of which the ledger knows no launch. */
  readonly strangers: readonly string[];
  readonly exitCode: ExitCode;
}

/** burst.md SL-7: for all gangs together. What EC2 leaves of it is slurmctld's. */
const LIMIT_MS = 60_000;
const EC2_MS = 50_000;

const NEVER_CAME: AbortCause = {
  code: 'ResumeTimeout',
  as: 'boot',
  sentence: 'a node did not register within ResumeTimeout',
};

/**
 * ResumeFailProgram: slurmctld calls no SuspendProgram for these nodes, so their instances go here, and
 * with them the whole gang (burst.md 7.6, F31). Twice is once. VALIDATION_ERROR for a bad nodelist.
 */
export async function resumeFail(
  nodeList: string,
  given: BurstPorts,
): Promise<ResumeFailResult | Refused> {
  const nodes = expandNodelist(nodeList, { unique: true });
  if (isNodelistError(nodes)) {
    return refused('VALIDATION_ERROR', nodes.text);
  }
  if (nodes.length === 0) {
    return refused('VALIDATION_ERROR', 'nodelist is empty');
  }
  const stop = { isRequested: false }; // giving nodes back is not left half done
  const { clock } = given;
  const ports = {
    ...given,
    endBy: deadlineIn({ clock, stop }, EC2_MS),
    tellBy: deadlineIn({ clock, stop }, LIMIT_MS),
  };
  ports.cloud.waitUntil(ports.endBy);
  try {
    return await abortAll(nodes, ports);
  } catch (error) {
    if (!(error instanceof Fault)) {
      throw error;
    }
    return await withoutLedger(nodes, error, ports);
  }
}

type TimedPorts = BurstPorts & { readonly endBy: Deadline; readonly tellBy: Deadline };

async function abortAll(nodes: readonly string[], ports: TimedPorts): Promise<ResumeFailResult> {
  const fleet = await fleetAround(nodes, ports);
  const scopes = scopesOf(nodes, fleet, await jobsOnNodes(fleet, nodes, ports));
  for (const scope of scopes) {
    await abortGang({ ...scope, mayHaveMore: true }, NEVER_CAME, ports);
  }
  const covered = new Set(scopes.flatMap((scope) => scope.nodes));
  const failed = nodes.filter((node) => covered.has(node));
  await countBootFailures(
    failed.map((node) => ({ node, row: rowOf(node, fleet) })),
    ports,
  );
  const strangers = nodes.filter((node) => !covered.has(node));
  await endStrangers(strangers, ports);
  return { aborted: scopes, strangers, exitCode: EXIT.ok };
}

/** The intents behind these nodes, and every other one of their gangs. */
async function fleetAround(nodes: readonly string[], ports: BurstPorts): Promise<FleetView> {
  const first = (await ports.ledger.read({ fleet: { nodes } })).fleet;
  const live = new Set(first.instances.filter(isLive).map(({ intentId }) => intentId));
  const gangs = first.intents
    .filter(({ intentId }) => live.has(intentId))
    .map((intent) => gangOf(first, intent));
  const holdIds = first.intents.flatMap(({ holdId }) => holdId ?? []);
  const names = [...new Set([...nodes, ...gangs.flatMap((gang) => gang.nodes)])];
  return (await ports.ledger.read({ fleet: { nodes: names, holdIds } })).fleet;
}

type JobsOn = ReadonlyMap<string, readonly number[]>;

/** Who has these gangs' nodes by now; undefined: slurmctld is silent. */
async function jobsOnNodes(
  { instances }: FleetView,
  nodes: readonly string[],
  { slurm, log }: BurstPorts,
): Promise<JobsOn | undefined> {
  const names = new Set([...nodes, ...instances.filter(isLive).map(({ node }) => node)]);
  try {
    return jobsByNode(await slurm.queueOnNodes(compressNodelist([...names])));
  } catch (error) {
    if (!(error instanceof Fault)) {
      throw error;
    }
    log.write('warn', 'queue_unreadable', { msg: error.message });
    return undefined;
  }
}

/** One scope a gang, whichever of its nodes was named; without an answer of SLURM the node alone. */
function scopesOf(
  nodes: readonly string[],
  fleet: FleetView,
  jobsOn: JobsOn | undefined,
): readonly AbortScope[] {
  const scopes = new Map<string, AbortScope>();
  for (const node of nodes) {
    const row = rowOf(node, fleet);
    const intent = fleet.intents.find(({ intentId }) => intentId === row?.intentId);
    if (intent !== undefined) {
      const gang = gangOf(fleet, intent);
      const scope = jobsOn === undefined ? aloneScope(gang, node) : abortScope(gang, node, jobsOn);
      scopes.set(scope.nodes.join(), scope);
    }
  }
  return [...scopes.values()];
}

function rowOf(node: string, fleet: FleetView): InstanceRow | undefined {
  return fleet.instances.findLast((each) => each.node === node && isLive(each));
}

/** `power_down_force` brings `down~` back to `idle~`; what has the node's tag goes. */
async function endStrangers(nodes: readonly string[], ports: TimedPorts): Promise<void> {
  if (nodes.length === 0) {
    return;
  }
  await terminateTagged(nodes, ports);
  await giveBackNodes(nodes, NEVER_CAME, ports);
}

const ALIVE: ReadonlySet<string> = new Set(['pending', 'running', 'stopping', 'stopped']);

async function terminateTagged(
  nodes: readonly string[],
  ports: TimedPorts,
): Promise<readonly string[]> {
  const cluster = ports.settings.slurm.cluster_name;
  try {
    const found = await ports.cloud.instances({ by: 'nodes', cluster, nodes });
    const ids = found.filter(({ state }) => ALIVE.has(state)).map(({ instanceId }) => instanceId);
    await terminateOnly(ids, ports, ports.endBy);
    return ids;
  } catch (error) {
    if (!(error instanceof Fault)) {
      throw error;
    }
    ports.log.write('warn', 'tags_unreadable', { msg: error.message });
    return [];
  }
}

async function withoutLedger(
  nodes: readonly string[],
  fault: Fault,
  ports: TimedPorts,
): Promise<ResumeFailResult> {
  ports.log.write('error', 'ledger_unusable', { msg: fault.message });
  const terminated = await terminateTagged(nodes, ports);
  spoolQuietly(ports, 'suspended', { terminated, nodes });
  await giveBackNodes(nodes, NEVER_CAME, ports);
  return { aborted: [], strangers: nodes, exitCode: EXIT.tryAgain };
}
