import { launchStepOf } from '../../core/burst/launch.ts';
import {
  alertFields,
  type DueEnd,
  dueAlerts,
  dueEnds,
  type LimitedJob,
  PLAN_ALERTS,
  parsePlanAlerts,
  planAlertsText,
} from '../../core/burst/plan/limits.ts';
import { Fault } from '../../core/errors.ts';
import type { FleetView, View } from '../../core/ledger/view.ts';
import { toMicrosText } from '../../core/money/money.ts';
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
  const { fleet } = await ports.ledger.read({ fleet: { intentIds } });
  await alertCosts(fleet, ports);
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

/** Into the log, and into the note that the alerts of the site are made of (budget.md 4.8). */
async function alertCosts(fleet: FleetView, ports: BurstPorts): Promise<void> {
  const cluster = ports.settings.slurm.cluster_name;
  const at = { cluster, nowS: nowS(ports) };
  const { notes } = await ports.ledger.read({ notes: [PLAN_ALERTS] });
  const due = dueAlerts(fleet, parsePlanAlerts(notes[PLAN_ALERTS]), at);
  if (due.length === 0) {
    return;
  }
  const holdIds = due.flatMap(({ holdId }) => holdId ?? []);
  const what = { verb: 'plan alerts', args: { jobs: due.map(({ jobId }) => jobId) } };
  const query = { notes: [PLAN_ALERTS], holds: { holdIds, owners: true } };
  await note(ports, what, query, (view) => {
    const fresh = due.map(({ jobId, holdId, cost, limit }) => ({
      cluster,
      jobId,
      account: accountOf(view, holdId),
      cost: toMicrosText(cost),
      limit: toMicrosText(limit),
      atS: at.nowS,
    }));
    const told = parsePlanAlerts(view.notes[PLAN_ALERTS]);
    const value = planAlertsText(told, fresh, { ...at, intents: fleet.intents });
    return { changes: [{ change: 'putNote', name: PLAN_ALERTS, value }], answer: fresh.length };
  });
  for (const alert of due) {
    ports.log.write('error', 'plan_cost_alert', { job_id: alert.jobId, ...alertFields(alert) });
  }
}

/** '' where nobody holds anything for the launch. */
function accountOf({ holds, owners }: View, holdId: number | undefined): string {
  const budgetId = holds.find((hold) => hold.holdId === holdId)?.budgetId;
  const owner = owners.find(({ account }) =>
    account.budgets.some(({ budget }) => budget.budgetId === budgetId),
  );
  return owner?.account.account.name ?? '';
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
