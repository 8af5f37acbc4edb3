import { nodePlace } from '../../core/burst/node-names.ts';
import { livesUntil } from '../../core/burst/runs/hold-life.ts';
import { isForeign, type Look, lookUp, tokenOf } from '../../core/burst/runs/look-up.ts';
import { hasStarted, nodesOf, paidElsewhere, seemsStarted } from '../../core/burst/runs/started.ts';
import type { Settings } from '../../core/config/settings.ts';
import { isRefused } from '../../core/errors.ts';
import { bindHold } from '../../core/ledger/bind-hold.ts';
import type { Run } from '../../core/ledger/hold-words.ts';
import type { HoldRow } from '../../core/ledger/rows.ts';
import { splitHold } from '../../core/ledger/split-hold.ts';
import type { Query } from '../../core/ledger/view.ts';
import type { Ledger } from '../../ports/ledger.ts';
import type { Slurm, SlurmJob } from '../../ports/slurm.ts';
import type { Clock, Log } from '../../ports/system.ts';

export interface FindHoldPorts {
  readonly ledger: Ledger;
  readonly slurm: Slurm;
  readonly clock: Clock;
  readonly log: Log;
  readonly settings: Settings;
}

/**
 * What a live run of a job has to pay with (burst.md 7.9). `open`: its hold, now bound to this run.
 * `due`: a new one is to be placed, token `<token>.r<restart>` of `after` (none: a new token), priced
 * as `after`. `ended`: its own hold ended although it lives; there is no second one for one run.
 * `foreign`: the token it carries belongs to another user or job.
 */
export type FoundHold =
  | { readonly kind: 'open'; readonly hold: HoldRow; readonly run: Run }
  | { readonly kind: 'due'; readonly after: HoldRow | undefined; readonly run: Run }
  | { readonly kind: 'ended' | 'foreign'; readonly hold: HoldRow; readonly run: Run };

const TASK = /^[0-9]{1,7}$/;
const MS_PER_SECOND = 1000;
const MICROS_PER_SECOND = 1_000_000;
/** Another hook may bind, split or end the hold between our look and our decision. */
const TRIES_MAX = 3;

/** The run that a line of `scontrol show job` stands for; a pending array's line stands for the array. */
export function runOf(job: SlurmJob): Run {
  const task = job.arrayTaskId ?? '';
  return {
    jobId: job.arrayJobId ?? job.jobId,
    arrayTask: job.arrayJobId !== undefined && TASK.test(task) ? Number(task) : -1,
    submitS: job.submitS,
    restart: job.restarts,
  };
}

/** Looks the hold of a run up and binds it: splits it off its array's, follows a requeue. */
export async function findHold(ports: FindHoldPorts, job: SlurmJob): Promise<FoundHold> {
  const run = runOf(job);
  const token = tokenOf(job.adminComment);
  for (let tries = 0; tries < TRIES_MAX; tries += 1) {
    const view = await ports.ledger.read(lookQuery(run, token));
    const look = lookUp(view.holds, run, token);
    if (look.kind === 'none') {
      break;
    }
    const found = await bound(ports, job, run, look);
    if (found !== undefined) {
      return found;
    }
  }
  return { kind: 'due', after: undefined, run };
}

function lookQuery(run: Run, token: string | undefined): Query {
  return {
    holds: { jobIds: [run.jobId], ...(token === undefined ? {} : { tokens: [token] }) },
  };
}

type KnownLook = Exclude<Look, { kind: 'none' }>;

/** Undefined: somebody else has changed the hold meanwhile; look again. */
async function bound(
  ports: FindHoldPorts,
  job: SlurmJob,
  run: Run,
  look: KnownLook,
): Promise<FoundHold | undefined> {
  const { hold } = look;
  if (isForeign(hold, run, job.userName)) {
    ports.log.write('warn', 'hold_foreign', { token: hold.token, job_id: job.jobId });
    return { kind: 'foreign', hold, run };
  }
  switch (look.kind) {
    case 'exact':
      return hold.state === 'open' ? { kind: 'open', hold, run } : { kind: 'ended', hold, run };
    case 'after':
      return { kind: 'due', after: hold, run };
    case 'follow':
      return (await earlierRunStarted(ports, job, hold))
        ? { kind: 'due', after: hold, run }
        : await bind(ports, hold, run, job);
    case 'array':
      return await split(ports, hold, run, job);
    case 'token':
      return await bind(ports, hold, run, job);
  }
}

/** A hold follows its job until a run under it has started (reliability.md 1.1, Arrays and runs). */
async function earlierRunStarted(
  ports: FindHoldPorts,
  job: SlurmJob,
  hold: HoldRow,
): Promise<boolean> {
  const runs = await ports.slurm.runsOf([job.jobId]);
  const earlier = runs.findLast((each) => each.submitS === hold.submitS);
  const nodes = nodesOf(earlier?.nodeList ?? '');
  const owners = hold.parentId === undefined ? [hold.holdId] : [hold.holdId, hold.parentId];
  const { fleet } = await ports.ledger.read({
    fleet: { holdIds: owners, nodes, openShares: [hold.holdId] },
  });
  if (paidElsewhere(fleet, hold.holdId)) {
    return true;
  }
  return earlier === undefined
    ? seemsStarted(fleet, hold.holdId)
    : hasStarted(earlier, fleet, (node) => isBurstNode(ports.settings, node));
}

export function isBurstNode(settings: Settings, node: string): boolean {
  return nodePlace(settings.slurm.partitions, node) !== undefined;
}

async function bind(
  ports: FindHoldPorts,
  hold: HoldRow,
  run: Run,
  job: SlurmJob,
): Promise<FoundHold | undefined> {
  const expiresS = lifeOf(ports, job);
  const { jobId, arrayTask, submitS, restart } = run;
  const answer = await ports.ledger.decide(
    {
      scope: ports.settings.slurm.cluster_name,
      verb: 'bind',
      args: { token: hold.token, jobId, arrayTask, submitS, restart },
    },
    { holds: { tokens: [hold.token], jobIds: [run.jobId] } },
    (view) => bindHold(view, { token: hold.token, run, expiresS }),
  );
  return isRefused(answer) ? undefined : { kind: 'open', hold: { ...hold, ...run, expiresS }, run };
}

async function split(
  ports: FindHoldPorts,
  array: HoldRow,
  run: Run,
  job: SlurmJob,
): Promise<FoundHold | undefined> {
  const { jobId, arrayTask, submitS, restart } = run;
  const expiresS = lifeOf(ports, job);
  if (array.jobId === undefined) {
    // What is left of the array must not run out as a hold without a job.
    await bind(ports, array, { ...run, arrayTask: -1, restart: 0 }, job);
  }
  const answer = await ports.ledger.decide(
    {
      scope: ports.settings.slurm.cluster_name,
      verb: 'split',
      args: { token: array.token, jobId, arrayTask, submitS, restart },
    },
    { holds: { tokens: [array.token], jobIds: [jobId], children: true } },
    (view) =>
      splitHold(view, {
        token: array.token,
        tasks: [{ arrayTask, jobId, submitS, restart, expiresS }],
      }),
  );
  if (isRefused(answer)) {
    return undefined;
  }
  // The task's hold stands under the job's id now: the next look finds it.
  const view = await ports.ledger.read({ holds: { jobIds: [jobId] } });
  const own = lookUp(view.holds, run, undefined);
  return own.kind === 'exact' ? { kind: 'open', hold: own.hold, run } : undefined;
}

export function lifeOf(
  { clock, settings }: Pick<FindHoldPorts, 'clock' | 'settings'>,
  job: Pick<SlurmJob, 'state' | 'startS' | 'timeLimitSeconds'>,
): number {
  return livesUntil({
    nowS: Math.floor(clock.nowUs() / MICROS_PER_SECOND),
    isPending: job.state === 'PENDING',
    startS: job.startS,
    timeLimitSeconds: job.timeLimitSeconds,
    graceSeconds: Math.ceil(settings.budget.evidence_grace / MS_PER_SECOND),
  });
}
