import { shapeFrom, shapeJson } from '../core/burst/job-shape.ts';
import { type PricedJob, priceJob } from '../core/burst/price-job.ts';
import { shapeAfterUpdate } from '../core/burst/request-shape.ts';
import { livesUntil } from '../core/burst/runs/hold-life.ts';
import { tokenOf } from '../core/burst/runs/look-up.ts';
import { pricingOf, type UpdateAnswer, updateHold } from '../core/burst/update-hold.ts';
import { isRefused, type Refused } from '../core/errors.ts';
import type { Decision } from '../core/ledger/change.ts';
import type { Run } from '../core/ledger/hold-words.ts';
import type { HoldRow } from '../core/ledger/rows.ts';
import type { Query, View } from '../core/ledger/view.ts';
import type { HookAnswer } from '../core/policy/hook-answer.ts';
import type { ModifyRequest } from '../core/slurm/job-request.ts';
import type { LedgerRequest } from '../ports/ledger.ts';
import { afterDue } from './steps/after-due.ts';
import { byPolicy } from './steps/by-policy.ts';
import { foreignAccount } from './steps/foreign-account.ts';
import { type HotPorts, seconds, tooLate } from './steps/hot-ports.ts';
import { wrongCluster } from './steps/wrong-cluster.ts';

export interface Modification {
  readonly name: string;
  readonly request: ModifyRequest;
}

/** slurm.h: the base state stands in the low 8 bits, flags above. */
const JOB_FLAGS = 0x1_00;
const JOB_RUNNING = 1;

function runOf({ job }: ModifyRequest): Run {
  return {
    jobId: job.arrayJobId ?? job.jobId,
    arrayTask: job.arrayTaskId ?? -1,
    submitS: job.submitS,
    restart: job.restarts,
  };
}

function accountOf(request: ModifyRequest): string {
  return request.account ?? request.job.account;
}

/** Old and new: the update matters where either is ours. */
function partitionsOf({ job, partition = '' }: ModifyRequest): readonly string[] {
  return [...job.partition.split(','), ...partition.split(',')].filter((name) => name !== '');
}

/** JSON text of the hold's pricing; '' and foreign text give nothing. */
function shapeIn(pricing: string): ReturnType<typeof shapeFrom> {
  const value: unknown = pricing === '' ? {} : JSON.parse(pricing);
  return typeof value === 'object' && value !== null && 'shape' in value
    ? shapeFrom(value.shape)
    : undefined;
}

function priceOn(
  holds: readonly HoldRow[],
  request: ModifyRequest,
  ports: HotPorts,
): PricedJob | Refused | undefined {
  const token = tokenOf(request.job.adminComment);
  const shape = shapeAfterUpdate(request, shapeIn(pricingOf(holds, runOf(request), token)));
  return isRefused(shape) ? shape : priceJob(shape, ports.pricing);
}

function queryOf(request: ModifyRequest, periods: boolean): Query {
  const token = tokenOf(request.job.adminComment);
  const userName = request.userName ?? '';
  const slurmAccount = accountOf(request);
  return {
    payer: { slurmAccount, periods, ...(userName !== '' && { userName }) },
    holds: {
      jobIds: [runOf(request).jobId],
      ...(token !== undefined && { tokens: [token] }),
      owners: true,
      children: true,
    },
  };
}

const NO_ANSWER: UpdateAnswer = { token: '', holdId: 0, amount: '0', state: '', did: 'nothing' };

/** Inside the transaction: the hold as it is now says what the job was priced on. */
function choose(
  view: View,
  request: ModifyRequest,
  newToken: string,
  ports: HotPorts,
): Decision<UpdateAnswer> | Refused {
  const priced = tooLate(ports) ?? priceOn(view.holds, request, ports);
  if (priced === undefined || isRefused(priced)) {
    return priced ?? { changes: [], answer: NO_ANSWER }; // out of AWS: `maintain` gives the hold back
  }
  const { budget } = ports.pricing.settings;
  const { job } = request;
  const isPending = job.jobState % JOB_FLAGS !== JOB_RUNNING;
  return updateHold(view, {
    run: runOf(request),
    isWholeArray: job.arrayJobId !== undefined && job.arrayTaskId === undefined,
    token: tokenOf(job.adminComment),
    slurmAccount: accountOf(request),
    userName: request.userName ?? '',
    priced,
    newToken,
    expiresS: livesUntil({
      nowS: view.nowS,
      isPending,
      startS: undefined,
      timeLimitSeconds: priced.seconds,
      graceSeconds: seconds(budget.evidence_grace),
    }),
    allowNegative: budget.allow_negative_balance,
    userOpenHoldsMax: budget.user_open_holds_max,
  });
}

function requestOf({ name, request }: Modification, ports: HotPorts): LedgerRequest {
  const { settings } = ports.pricing;
  const shape = shapeAfterUpdate(request, undefined);
  return {
    scope: settings.slurm.cluster_name,
    key: `modify:${name}`,
    verb: 'modify',
    args: {
      account: accountOf(request),
      uid: request.uid,
      job: request.job.jobId,
      task: request.job.arrayTaskId ?? -1,
      shape: isRefused(shape) ? null : shapeJson(shape),
    },
  };
}

async function decide(modification: Modification, ports: HotPorts): Promise<HookAnswer> {
  const { request } = modification;
  const { settings } = ports.pricing;
  const foreign = wrongCluster(request.cluster, settings.slurm.cluster_name);
  if (foreign !== undefined) {
    return foreign;
  }
  const pair = { account: accountOf(request), user: request.userName ?? '' };
  const notTheirs = await foreignAccount(pair, 'modify', ports);
  if (notTheirs !== undefined) {
    return notTheirs;
  }
  const newToken = ports.ids.token();
  const query = queryOf(request, settings.grant_management.enforce_period_budget);
  const answered = await afterDue({ ...ports, settings }, accountOf(request), () =>
    ports.ledger.decide(requestOf(modification, ports), query, (view) =>
      choose(view, request, newToken, ports),
    ),
  );
  if (isRefused(answered)) {
    return answered;
  }
  const { answer } = answered;
  ports.log.write('info', 'job_updated', {
    did: answer.did,
    job_id: request.job.jobId,
    account: accountOf(request),
    hold_id: answer.holdId,
    token: answer.token,
    amount_micro: answer.amount,
  });
  return { kind: 'admitted' };
}

/** An administrator overwrote admin_comment: noted, not refused; the job id still leads to the hold. */
function noteLostToken({ job, adminComment }: ModifyRequest, ports: HotPorts): void {
  const token = tokenOf(job.adminComment);
  if (token !== undefined && adminComment !== undefined && tokenOf(adminComment) !== token) {
    ports.log.write('warn', 'token_dropped', { job_id: job.jobId, token });
  }
}

/**
 * A job in SLURM is about to change (burst.md 7.8, Modify): its hold is raised, moved or placed, or the
 * update is refused. Cheaper: nothing now. Faults are answered by the partition's `fail`.
 */
export async function modify(modification: Modification, ports: HotPorts): Promise<HookAnswer> {
  const { name, request } = modification;
  noteLostToken(request, ports);
  const asked = {
    verb: 'modify',
    name,
    partitions: partitionsOf(request),
    account: accountOf(request),
    userName: request.userName ?? '',
    jobId: request.job.jobId,
  } as const;
  const answer = await byPolicy(ports, asked, () => decide(modification, ports));
  if (isRefused(answer)) {
    ports.log.write('info', 'modify_refused', {
      job_id: request.job.jobId,
      account: asked.account,
      code: answer.code,
      msg: answer.text,
      ...answer.fields,
    });
  }
  return answer;
}
