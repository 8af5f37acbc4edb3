import { type CostFacts, costDocument } from '../../../core/burst/cost/cost-document.ts';
import { chainOf } from '../../../core/burst/runs/hold-runs.ts';
import { runNoteName, runNoteText } from '../../../core/burst/runs/run-note.ts';
import { nodesOf } from '../../../core/burst/runs/started.ts';
import { isRefused } from '../../../core/errors.ts';
import { holdEstimate } from '../../../core/estimate/hold-estimate.ts';
import { dayOf } from '../../../core/grant/calendar.ts';
import type { HoldRow } from '../../../core/ledger/rows.ts';
import type { EpilogCall } from '../../../core/slurm/epilog-call.ts';
import { isOver } from '../../../core/slurm/job-state.ts';
import type { SlurmJob } from '../../../ports/slurm.ts';
import type { CostFiles } from '../../../ports/system.ts';
import { type FindHoldPorts, findHold } from '../find-hold.ts';
import { placeNextRunHold } from '../next-run-hold.ts';
import { writeCostFile } from './cost-file.ts';
import { provisionalInstances } from './provisional.ts';
import { settleHold } from './settle-finished.ts';

export interface EndOfRunPorts extends FindHoldPorts {
  readonly costFiles: CostFiles;
}

const MICROS_PER_SECOND = 1_000_000;
const NOT_YET = Number.MAX_SAFE_INTEGER;

/** What an epilog settles, also when `maintain` takes it from the spool. A Fault (75): not yet. */
export async function settleCall(call: EpilogCall, ports: EndOfRunPorts): Promise<void> {
  const jobs = await ports.slurm.job(call.jobId);
  const job = jobs.find((each) => each.jobId === call.jobId);
  if (job === undefined) {
    // Older than MinJobAge: sacct knows the run, and maintain asks it.
    ports.log.write('info', 'epilog_job_unknown', { job_id: call.jobId });
    return;
  }
  if (job.restarts !== call.restart) {
    await earlierRun(call, ports);
    return;
  }
  const hold = await holdOfCall(job, ports);
  if (hold === undefined) {
    return;
  }
  await noteRun(hold, job, ports);
  await settleNow(hold, job, call, ports);
  await writeProvisional(hold, job, call, ports);
}

/** Requeued already: scontrol tells of the next run, only sacct of this one. */
async function earlierRun(call: EpilogCall, ports: EndOfRunPorts): Promise<void> {
  const jobId = call.arrayJobId ?? call.jobId;
  const { holds } = await ports.ledger.read({ holds: { jobIds: [jobId] } });
  const chain = chainOf(holds, { jobId, arrayTask: call.arrayTask });
  const hold = chain.find(({ restart }) => restart >= call.restart);
  ports.log.write('info', 'epilog_requeued', {
    job_id: call.jobId,
    restart: call.restart,
    token: hold?.token,
  });
}

async function holdOfCall(job: SlurmJob, ports: EndOfRunPorts): Promise<HoldRow | undefined> {
  const found = await findHold(ports, job);
  switch (found.kind) {
    case 'open':
    case 'ended':
      return found.hold;
    case 'foreign':
      return undefined;
    case 'due':
      break;
  }
  const { after, run } = found;
  const placed = after && (await placeNextRunHold(ports, { job, run, after }));
  if (placed === undefined || isRefused(placed)) {
    // What it cost is booked late on its account as soon as sacct tells of it.
    ports.log.write('warn', 'run_without_hold', { job_id: job.jobId, account: job.account });
    return undefined;
  }
  return placed;
}

async function noteRun(hold: HoldRow, job: SlurmJob, ports: EndOfRunPorts): Promise<void> {
  if (hold.state !== 'open' || job.endS === undefined || !isEnding(job)) {
    return;
  }
  const { submitS, startS, endS, cpusOnNode } = job;
  const name = runNoteName(hold.token);
  const value = runNoteText({ submitS, startS, endS, cpusOnNode });
  const { notes } = await ports.ledger.read({ notes: [name] });
  if (notes[name] === undefined || notes[name] === '') {
    await ports.ledger.decide(
      {
        scope: ports.settings.slurm.cluster_name,
        verb: 'run ended',
        args: { token: hold.token, end_s: endS },
      },
      {},
      () => ({ changes: [{ change: 'putNote', name, value }], answer: value }),
    );
  }
}

/** COMPLETING is live for everybody else; to its own epilog it says that the run has ended. */
function isEnding({ state }: SlurmJob): boolean {
  return state === 'COMPLETING' || isOver(state);
}

/** Nothing was ever launched: the money goes back at once. Else all is known later, as a rule. */
async function settleNow(
  hold: HoldRow,
  job: SlurmJob,
  call: EpilogCall,
  ports: EndOfRunPorts,
): Promise<void> {
  if (hold.state !== 'open' || !isEnding(job)) {
    return;
  }
  const nodes = nodesOf(call.nodeList === '' ? job.nodeList : call.nodeList);
  const parents = hold.parentId === undefined ? [] : [hold.parentId];
  const { fleet } = await ports.ledger.read({ fleet: { nodes, holdIds: parents } });
  const mayLaunch = fleet.intents.some(
    ({ holdId, state }) => holdId === hold.parentId && state !== 'done' && state !== 'failed',
  );
  const on = new Set(nodes);
  const touched = fleet.instances
    .filter(({ node, state }) => on.has(node) && state !== 'closed')
    .map(({ instanceId }) => ({ instanceId, untilS: NOT_YET }));
  const effectiveS = job.endS ?? Math.floor(ports.clock.nowUs() / MICROS_PER_SECOND);
  // Placed by check for nodes of our own, perhaps: maintain prices what no instance tells.
  const { isChecked } = holdEstimate(hold);
  const answer = await settleHold(ports, hold, {
    token: hold.token,
    submitS: job.submitS,
    touched,
    effective: { effectiveS, day: dayOf(effectiveS, ports.settings.site.timezone) },
    releaseCause: job.state.toLowerCase(),
    mayRelease: !mayLaunch && nodes.length > 0 && !isChecked,
  });
  ports.log.write('info', 'epilog_settled', {
    job_id: call.jobId,
    token: hold.token,
    outcome: isRefused(answer) ? answer.code : answer.outcome,
  });
}

async function writeProvisional(
  hold: HoldRow,
  job: SlurmJob,
  call: EpilogCall,
  ports: EndOfRunPorts,
): Promise<void> {
  const name =
    call.arrayJobId === undefined ? `${call.jobId}` : `${call.arrayJobId}_${call.arrayTask}`;
  const facts: CostFacts = {
    status: 'provisional',
    job: name,
    rawJobId: job.jobId,
    account: job.account,
    userName: job.userName,
    partition: job.partition,
    state: job.state,
    exitCode: job.exitCode,
    restart: job.restarts,
    submitS: job.submitS,
    startS: job.startS,
    endS: job.endS,
    timeLimitSeconds: job.timeLimitSeconds,
    nodes: call.nodes || job.numNodes,
    cpus: job.numCpus,
    hold,
    instances: await provisionalInstances(ports, hold, job, nodesOf(call.nodeList)),
    hasVolumes: ports.settings.cost.include_ebs,
    policy: ports.settings.cost.charge_idle,
  };
  writeCostFile(ports, name, costDocument(facts));
}
