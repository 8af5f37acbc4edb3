import { launchStepOf } from '../../core/burst/launch.ts';
import {
  alertFields,
  alertsNote,
  alertsText,
  type DueEnd,
  dueAlerts,
  dueEnds,
  type LimitedJob,
  parseAlerts,
} from '../../core/burst/plan/limits.ts';
import { Fault } from '../../core/errors.ts';
import type { FleetView } from '../../core/ledger/view.ts';
import { isOver } from '../../core/slurm/job-state.ts';
import { compressNodelist, expandNodelist, isNodelistError } from '../../core/slurm/nodelist.ts';
import type { QueuedJob } from '../../ports/slurm.ts';
import { type BurstPorts, nowS } from './burst-ports.ts';
import { note } from './decide-burst.ts';

/**
 * What execution plans want of jobs that run (burst.md 3.2): an alert when one has cost more than
 * `cost_alert_threshold`, its end after `auto_terminate_hours`. Only after complete listings.
 */
export async function planLimits(
  open: FleetView,
  queue: readonly QueuedJob[],
  ports: BurstPorts,
): Promise<void> {
  const intents = open.intents.filter((intent) => {
    const advice = launchStepOf(intent).advice;
    return advice?.alertAt !== undefined || advice?.endAfterSeconds !== undefined;
  });
  if (intents.length === 0) {
    return;
  }
  const intentIds = intents.map(({ intentId }) => intentId);
  const name = alertsNote(ports.settings.slurm.cluster_name);
  const { fleet, notes } = await ports.ledger.read({ fleet: { intentIds }, notes: [name] });
  await alertCosts({ name, told: parseAlerts(notes[name]) }, fleet, ports);
  for (const end of dueEnds(fleet, jobsOf(queue), nowS(ports))) {
    await endJob(end, ports);
  }
}

function jobsOf(queue: readonly QueuedJob[]): readonly LimitedJob[] {
  return queue
    .filter(({ state, nodeList }) => nodeList !== '' && !isOver(state))
    .map((job) => {
      const nodes = expandNodelist(job.nodeList, { unique: true });
      return { ...job, nodes: isNodelistError(nodes) ? [] : nodes };
    });
}

async function alertCosts(
  { name, told }: { readonly name: string; readonly told: ReadonlySet<string> },
  fleet: FleetView,
  ports: BurstPorts,
): Promise<void> {
  const fresh = dueAlerts(fleet, told, nowS(ports));
  const value = alertsText(told, fresh, fleet.intents);
  if (value === [...told].join(' ')) {
    return;
  }
  const jobs = fresh.map(({ jobId }) => jobId);
  await note(ports, { verb: 'plan alerts', args: { jobs } }, {}, () => ({
    changes: [{ change: 'putNote', name, value }],
    answer: fresh.length,
  }));
  for (const alert of fresh) {
    ports.log.write('error', 'plan_cost_alert', { job_id: alert.jobId, ...alertFields(alert) });
  }
}

/** The job first, so that slurmctld does not requeue it when its nodes go. */
async function endJob(
  { jobId, nodes, endAfterSeconds }: DueEnd,
  { slurm, log }: BurstPorts,
): Promise<void> {
  const list = compressNodelist(nodes);
  log.write('warn', 'plan_auto_terminate', { job_id: jobId, node: list, seconds: endAfterSeconds });
  try {
    const reason = `auto_terminate_hours of the plan: ${endAfterSeconds} s are over`;
    const [job] = (await slurm.job(jobId)).filter((each) => each.jobId === jobId);
    if (job?.comment === '') {
      await slurm.updateJob(jobId, { comment: `asbb: ${reason}` });
    }
    await slurm.cancelJob(jobId);
    await slurm.setNodeState(list, 'power_down_force', `(Code:AutoTerminate)asbb: ${reason}`);
  } catch (error) {
    if (!(error instanceof Fault)) {
      throw error;
    }
    log.write('error', 'plan_auto_terminate_failed', { job_id: jobId, msg: error.message });
  }
}
