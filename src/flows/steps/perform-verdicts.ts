import type { AbortCause } from '../../core/burst/aborts.ts';
import { type AbortScope, abortScope, gangOf } from '../../core/burst/gang-of.ts';
import { foundState, type Looked, overtakenNodes } from '../../core/burst/overtaken.ts';
import { isLive } from '../../core/burst/plan-launch.ts';
import { isPowerDownDue, isPoweredOff } from '../../core/burst/reconcile-facts.ts';
import type { NodeVerdict } from '../../core/burst/reconcile-plan.ts';
import type { Act } from '../../core/burst/reconcile-table.ts';
import { recordFailed } from '../../core/burst/record.ts';
import { Fault } from '../../core/errors.ts';
import type { FleetView } from '../../core/ledger/view.ts';
import type { SlurmNode } from '../../ports/slurm.ts';
import { abortGang } from './abort-gang.ts';
import { adoptInstances } from './adopt-instances.ts';
import { type BurstPorts, nowS } from './burst-ports.ts';
import { countBootFailures } from './count-boot-failure.ts';
import { deadlineIn } from './deadline.ts';
import { note } from './decide-burst.ts';
import { giveBackNodes, resetAddresses } from './give-back-nodes.ts';
import { markUnfit } from './mark-unfit.ts';
import type { Strays } from './reconcile-strays.ts';
import { terminateInstances, terminateOnly } from './terminate-instances.ts';
import { warnNodes } from './warn-nodes.ts';

export interface VerdictFacts extends Looked {
  readonly strays: Strays;
  readonly options: { readonly killsOrphans?: boolean; readonly isRestored?: boolean };
}

const TERMINATE_MS = 60_000;

/**
 * Does what the table said: aborts first, then ends, then what SLURM is told. Answers how many instances
 * were adopted.
 */
export async function performVerdicts(
  verdicts: readonly NodeVerdict[],
  facts: VerdictFacts,
  ports: BurstPorts,
): Promise<number> {
  const fresh = await withoutOvertaken(verdicts, facts, ports);
  const aborts = await abortAll(fresh.verdicts, fresh.fleet, ports);
  const left = fresh.verdicts.filter(({ node }) => !aborts.nodes.has(node));
  // An abort may take a minute.
  const rest =
    aborts.nodes.size === 0 ? left : (await withoutOvertaken(left, facts, ports)).verdicts;
  await terminateAll(rest, facts, ports);
  await closeAll(rest, ports);
  await warnNodes(rest, ports);
  await powerDownAll(await withoutLeaving(rest, ports), ports);
  // Not before SLURM is done with a node: it must still reach it to end its jobs (measured: without an
  // address the requeued job stays BadConstraints, and where the name is in no DNS slurmctld stands still
  // for 10 s over each message to it). SuspendProgram resets the address first.
  const addressed = wanting(rest, 'reset').filter(
    ({ mayReset, acts }) => mayReset && !acts.includes('power down'),
  );
  await resetAddresses(await withoutInstance(addressed, ports), ports);
  const failed = fresh.verdicts.filter(({ node }) => !aborts.lost.has(node));
  await countBootFailures(wanting(failed, 'boot failure'), ports);
  await markUnfit(wanting(failed, 'unfit'), ports);
  return await adoptInstances(rest, ports);
}

function wanting(verdicts: readonly NodeVerdict[], act: Act): readonly NodeVerdict[] {
  return verdicts.filter(({ acts }) => acts.includes(act));
}

/** One more look at the ledger before anything is done (burst.md F45). */
async function withoutOvertaken(
  verdicts: readonly NodeVerdict[],
  looked: Looked,
  { ledger, log }: BurstPorts,
): Promise<{ readonly verdicts: readonly NodeVerdict[]; readonly fleet: FleetView }> {
  if (verdicts.every(({ acts }) => acts.length === 0)) {
    return { verdicts, fleet: looked.fleet };
  }
  const { fleet } = await ledger.read({ fleet: { open: true } });
  const overtaken = overtakenNodes(looked, fleet);
  const late = verdicts.filter(({ node, acts }) => acts.length > 0 && overtaken.has(node));
  if (late.length > 0) {
    log.write('info', 'reconcile_overtaken', { node: late.map(({ node }) => node).join(',') });
  }
  return {
    verdicts: verdicts.map((each) => (overtaken.has(each.node) ? { ...each, acts: [] } : each)),
    fleet,
  };
}

/** Of those that a resume has not bound anew meanwhile (burst.md F36). */
async function withoutInstance(
  verdicts: readonly NodeVerdict[],
  { ledger }: BurstPorts,
): Promise<readonly string[]> {
  const nodes = verdicts.map(({ node }) => node);
  if (nodes.length === 0) {
    return nodes;
  }
  const { fleet } = await ledger.read({ fleet: { nodes } });
  const has = new Set(fleet.instances.filter(isLive).map(({ node }) => node));
  return nodes.filter((node) => !has.has(node));
}

interface Aborts {
  /** All that is done with. */
  readonly nodes: ReadonlySet<string>;
  /** Somebody was faster: they are as they were. */
  readonly lost: ReadonlySet<string>;
}

/** One abort a gang, whichever of its nodes asked for it. */
async function abortAll(
  verdicts: readonly NodeVerdict[],
  fleet: FleetView,
  ports: BurstPorts,
): Promise<Aborts> {
  const jobsOn = new Map(verdicts.map(({ node, jobIds }) => [node, jobIds]));
  const scopes = new Map<string, { scope: AbortScope; cause: AbortCause }>();
  for (const verdict of wanting(verdicts, 'abort')) {
    if (verdict.intent !== undefined) {
      const scope = abortScope(gangOf(fleet, verdict.intent), verdict.node, jobsOn);
      scopes.set(scope.nodes.join(), { scope, cause: causeOf(verdict) });
    }
  }
  const lost = new Set<string>();
  for (const { scope, cause } of scopes.values()) {
    const found = foundState(fleet, scope.intentIds);
    if (!(await abortGang({ ...scope, mayHaveMore: true, found }, cause, ports))) {
      for (const node of scope.nodes) {
        lost.add(node);
      }
    }
  }
  return { nodes: new Set([...scopes.values()].flatMap(({ scope }) => scope.nodes)), lost };
}

function causeOf({ node, instance }: NodeVerdict): AbortCause {
  switch (instance) {
    case 'silent':
      return { code: 'BootTimeout', as: 'boot', sentence: `${node} never registered` };
    case 'ended':
    case 'stopped':
      return { code: 'InstanceLost', as: 'boot', sentence: `the instance of ${node} ${instance}` };
    default:
      return {
        code: 'ResumeDied',
        as: 'slurm',
        sentence: `the launch of ${node} was left half done`,
      };
  }
}

/** Of nodes; of aborted attempts that still run; beyond what was asked for; orphans where wanted. */
async function terminateAll(
  verdicts: readonly NodeVerdict[],
  facts: VerdictFacts,
  ports: BurstPorts,
): Promise<void> {
  const deadline = deadlineIn(ports, TERMINATE_MS);
  const rows = wanting(verdicts, 'terminate').flatMap(({ row }) => row?.instanceId ?? []);
  await terminateInstances([...new Set([...rows, ...leftOver(facts.fleet)])], ports, deadline);
  const graceS = ports.settings.burst.orphan_grace;
  const old = facts.strays.foreign.filter(({ launchS }) => nowS(ports) - launchS > graceS);
  const { surplus, undead } = facts.strays;
  const ours = facts.options.isRestored === true ? undead : [...surplus, ...undead];
  const strays = [...ours, ...(facts.options.killsOrphans === true ? old : [])];
  if (strays.length > 0) {
    const ids = strays.map(({ instanceId }) => instanceId);
    ports.log.write('error', 'strays_terminated', { instances: ids.join(',') });
    await terminateOnly(ids, ports, deadline);
  }
}

/**
 * Their attempt was given up, or a later launch is their node now, and the terminate did not get through.
 * Rows come in the order of their intents.
 */
function leftOver(fleet: FleetView): readonly string[] {
  const aborted = new Set(
    fleet.intents.filter((intent) => intent.aborted).map(({ intentId }) => intentId),
  );
  const live = fleet.instances.filter(isLive);
  const bound = live.filter((row) => row.state !== 'pending' && !aborted.has(row.intentId));
  const newest = new Map(bound.map(({ node, intentId }) => [node, intentId]));
  return live
    .filter((row) => aborted.has(row.intentId) || row.intentId < (newest.get(row.node) ?? 0))
    .map(({ instanceId }) => instanceId);
}

/** Calls that launched nothing and that nobody waits for. */
async function closeAll(verdicts: readonly NodeVerdict[], ports: BurstPorts): Promise<void> {
  const open = new Set(
    wanting(verdicts, 'close').flatMap(({ intent, row }) =>
      row === undefined && intent !== undefined ? [intent.intentId] : [],
    ),
  );
  for (const intentId of open) {
    const what = { verb: 'reconcile closed', args: { intent: intentId } };
    await note(ports, what, { fleet: { intentIds: [intentId] } }, (view) =>
      recordFailed(view, { intentId, code: 'NeverLaunched' }),
    );
  }
}

/**
 * SuspendProgram may have come between our listings: a node that was up, and has lost its instance by
 * now, is on its way down already. Told again, SLURM takes it for up and pings an address that is gone.
 */
async function withoutLeaving(
  verdicts: readonly NodeVerdict[],
  { slurm, log }: BurstPorts,
): Promise<readonly NodeVerdict[]> {
  const up = wanting(verdicts, 'power down').filter(
    ({ kind }) => kind === 'up, idle' || kind === 'up, job running',
  );
  if (up.length === 0) {
    return verdicts;
  }
  try {
    const found = await slurm.nodes(up.map(({ node }) => node).join(','));
    const leaving = new Set(found.filter(isLeaving).map(({ name }) => name));
    return verdicts.filter(({ node }) => !leaving.has(node));
  } catch (error) {
    if (!(error instanceof Fault)) {
      throw error;
    }
    log.write('warn', 'nodes_unreadable', { msg: error.message });
    return verdicts;
  }
}

function isLeaving(node: SlurmNode): boolean {
  return isPoweredOff(node) || isPowerDownDue(node);
}

/** The whole gang of the job in one command, or the node alone where no gang is involved (9.2, P). */
async function powerDownAll(verdicts: readonly NodeVerdict[], ports: BurstPorts): Promise<void> {
  const done = new Set<string>();
  for (const verdict of wanting(verdicts, 'power down')) {
    if (!done.has(verdict.node)) {
      const nodes = gangNodes(verdict, verdicts);
      for (const node of nodes) {
        done.add(node);
      }
      await giveBackNodes(nodes, reasonOf(verdict), ports);
    }
  }
}

/** Of the job that is on the node now, whoever had launched it. */
function gangNodes(verdict: NodeVerdict, verdicts: readonly NodeVerdict[]): readonly string[] {
  const { node, jobIds } = verdict;
  const mates = verdicts.filter((other) => other.jobIds.some((jobId) => jobIds.includes(jobId)));
  return [...new Set([node, ...mates.map((mate) => mate.node)])];
}

function reasonOf({ kind, instance }: NodeVerdict): { code: string; sentence: string } {
  return { code: 'Reconcile', sentence: `${kind}, instance ${instance}` };
}
