import { type AbortCause, abortsNote } from '../../core/burst/aborts.ts';
import { alertsOperator } from '../../core/burst/errors.ts';
import type { Recorded } from '../../core/burst/record.ts';
import { recordAborted } from '../../core/burst/record-abort.ts';
import { Fault } from '../../core/errors.ts';
import { compressNodelist } from '../../core/slurm/nodelist.ts';
import { type BurstPorts, chance } from './burst-ports.ts';
import { type Deadline, deadlineIn } from './deadline.ts';
import { note } from './decide-burst.ts';
import { giveBackNodes } from './give-back-nodes.ts';
import { tellJobs } from './tell-jobs.ts';
import { terminateInstances } from './terminate-instances.ts';

export interface GangToAbort {
  readonly jobIds: readonly number[];
  /** Every node of the gang, those of all components and those already up. */
  readonly nodes: readonly string[];
  /** Given up as a whole: all their instances go. */
  readonly intentIds: readonly number[];
  /** Further instances that go, of intents that keep others. */
  readonly instanceIds?: readonly string[] | undefined;
  readonly attempt: number;
  /** Launched before this run, or without a clear answer: their instances are also looked up by tag. */
  readonly mayHaveMore: boolean;
  /** Of reconcile, which a resume may overtake: foundState of what the abort was decided on. */
  readonly found?: string | undefined;
}

const ABORT_MS = 60_000;
/** slurmctld may need longer to requeue a job (11 s were measured): then the next reconcile tells it. */
const REQUEUE_MS = 6000;

/**
 * The abort of burst.md 9.5, for hook and reconcile alike: terminate, record, tell SLURM, explain,
 * delay. Every step may be repeated; what fails here is found and done again by reconcile. The nodes
 * keep their addresses: SLURM must still reach them to end the job (without, 22.05 leaves the requeued
 * job BadConstraints), and SuspendProgram, which follows `power_down_force`, takes them back.
 * What was decided on a state that may have passed is recorded first, if that state still holds, and then
 * terminated: where a crash comes between, the next reconcile ends what given up attempts left running.
 * False: it does not hold, nothing was done.
 */
export async function abortGang(
  gang: GangToAbort,
  cause: AbortCause,
  ports: BurstPorts & {
    /** Limits of a hook: what EC2, and what slurmctld is asked. */
    readonly endBy?: Deadline | undefined;
    readonly tellBy?: Deadline | undefined;
  },
): Promise<boolean> {
  if (gang.found !== undefined && (await record(gang, cause, ports)) === 'lost') {
    ports.log.write('info', 'abort_overtaken', { node: compressNodelist(gang.nodes) });
    return false;
  }
  logAbort(gang, cause, ports);
  const deadline = ports.endBy ?? deadlineIn({ clock: ports.clock, stop: NEVER }, ABORT_MS);
  const ids = await instancesOf(gang, ports);
  await terminateInstances(ids, ports, deadline);
  if (gang.found === undefined) {
    await record(gang, cause, ports);
  }
  await giveBackNodes(gang.nodes, cause, ports);
  await tellJobs(ports, { jobIds: gang.jobIds, waitMs: REQUEUE_MS });
  return true;
}

/** Giving nodes back is never stopped half-way by our own deadline. */
const NEVER = { isRequested: false };

async function instancesOf(gang: GangToAbort, ports: BurstPorts): Promise<readonly string[]> {
  const also = gang.instanceIds ?? [];
  if (gang.intentIds.length === 0) {
    return also;
  }
  const { fleet } = await ports.ledger.read({ fleet: { intentIds: gang.intentIds } });
  const rows = fleet.instances
    .filter(({ intentId, state }) => gang.intentIds.includes(intentId) && state !== 'closed')
    .filter(({ state }) => state !== 'terminating')
    .map(({ instanceId }) => instanceId);
  return [...new Set([...also, ...rows, ...(gang.mayHaveMore ? await tagged(gang, ports) : [])])];
}

const ENDING: ReadonlySet<string> = new Set(['shutting-down', 'terminated']);

async function tagged(gang: GangToAbort, ports: BurstPorts): Promise<readonly string[]> {
  const cluster = ports.settings.slurm.cluster_name;
  try {
    const found = await ports.cloud.instances({
      by: 'intents',
      cluster,
      intentIds: gang.intentIds,
    });
    return found.filter(({ state }) => !ENDING.has(state)).map(({ instanceId }) => instanceId);
  } catch (error) {
    logFault(ports, 'abort_lookup_failed', error);
    return [];
  }
}

async function record(gang: GangToAbort, cause: AbortCause, ports: BurstPorts): Promise<Recorded> {
  const name = abortsNote(ports.settings.slurm.cluster_name);
  const { intentIds, jobIds } = gang;
  const what = {
    verb: 'gang aborted',
    args: {
      intents: intentIds,
      jobs: jobIds,
      code: cause.code,
      nodes: compressNodelist(gang.nodes),
    },
  };
  const query = { fleet: { intentIds }, notes: [name] };
  return await note(ports, what, query, (view) =>
    recordAborted(view, {
      found: gang.found,
      intentIds,
      jobIds,
      attempt: gang.attempt,
      cause,
      rules: ports.settings.burst,
      chance: chance(ports),
    }),
  );
}

function logAbort(gang: GangToAbort, cause: AbortCause, { log }: BurstPorts): void {
  const own = cause.as === 'funds' || cause.as === 'plan' || cause.as === 'ledger';
  const isAlert = own || (cause.as !== 'boot' && cause.as !== 'slurm' && alertsOperator(cause.as));
  log.write(isAlert ? 'error' : 'warn', 'gang_aborted', {
    job_id: gang.jobIds.join(','),
    node: compressNodelist(gang.nodes),
    code: cause.code,
    class: cause.as,
    attempt: gang.attempt,
    msg: cause.sentence,
  });
}

function logFault({ log }: BurstPorts, event: string, error: unknown): void {
  if (!(error instanceof Fault)) {
    throw error;
  }
  log.write('warn', event, { msg: error.message });
}
