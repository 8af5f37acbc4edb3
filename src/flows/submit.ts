import { type JobShape, shapeJson } from '../core/burst/job-shape.ts';
import { type PricedJob, priceJob } from '../core/burst/price-job.ts';
import { shapeOfRequest } from '../core/burst/request-shape.ts';
import { isRefused, type Refused } from '../core/errors.ts';
import { placeHold } from '../core/ledger/place-hold.ts';
import type { HookAnswer } from '../core/policy/hook-answer.ts';
import type { SubmitRequest } from '../core/slurm/job-request.ts';
import type { LedgerRequest } from '../ports/ledger.ts';
import { afterDue } from './steps/after-due.ts';
import { byPolicy } from './steps/by-policy.ts';
import { foreignAccount } from './steps/foreign-account.ts';
import { type HotPorts, seconds, tooLate } from './steps/hot-ports.ts';
import { wrongCluster } from './steps/wrong-cluster.ts';

/** A submission and the name of its file, which is the key of its hold. */
export interface Submission {
  readonly name: string;
  readonly request: SubmitRequest;
}

function accountOf(request: SubmitRequest): string {
  return request.account ?? request.defaultAccount ?? '';
}

function userOf(request: SubmitRequest): string {
  return request.userName ?? String(request.userId);
}

function partitionsOf(request: SubmitRequest): readonly string[] {
  return (request.partition ?? '').split(',').filter((name) => name !== '');
}

function requestOf({ name, request }: Submission, shape: JobShape, cluster: string): LedgerRequest {
  return {
    scope: cluster,
    key: `hold:${name}`,
    verb: 'submit',
    args: {
      account: accountOf(request),
      user: userOf(request),
      uid: request.uid,
      job_name: (request.name ?? '').slice(0, 256),
      het_offset: request.hetJobOffset ?? -1,
      shape: shapeJson(shape),
    },
  };
}

async function hold(
  submission: Submission,
  shape: JobShape,
  priced: PricedJob,
  ports: HotPorts,
): Promise<HookAnswer> {
  const { settings } = ports.pricing;
  const { request } = submission;
  const [slurmAccount, userName] = [accountOf(request), userOf(request)];
  const token = ports.ids.token();
  const { amount, tasks, partitions, pricing } = priced;
  const asked = requestOf(submission, shape, settings.slurm.cluster_name);
  const answered = await afterDue({ ...ports, settings }, slurmAccount, async () =>
    ports.ledger.decide(
      asked,
      {
        payer: { slurmAccount, userName, periods: settings.grant_management.enforce_period_budget },
      },
      (view) =>
        tooLate(ports) ??
        placeHold(view, {
          token,
          slurmAccount,
          partitions,
          userName,
          amount,
          tasks,
          expiresS: view.nowS + seconds(settings.budget.unbound_hold_ttl),
          pricing,
          allowNegative: settings.budget.allow_negative_balance,
          userOpenHoldsMax: settings.budget.user_open_holds_max,
        }),
    ),
  );
  if (isRefused(answered)) {
    return answered;
  }
  ports.log.write('info', answered.isRepeat ? 'hold_repeated' : 'hold_placed', {
    account: slurmAccount,
    user: userName,
    partition: partitions[0],
    hold_id: answered.answer.holdId,
    token: answered.answer.token,
    amount_micro: answered.answer.amount,
    tasks,
    nodes: priced.nodes,
    seconds: priced.seconds,
  });
  return { kind: 'admitted', token: answered.answer.token };
}

/** Nobody is asked, and nothing more is loaded, unless the site wants it (burst.md 2.4). */
async function advised(
  { request }: Submission,
  shape: JobShape,
  priced: PricedJob,
  ports: HotPorts,
): Promise<PricedJob | Refused> {
  if (!ports.pricing.settings.absa.at_submit) {
    return priced;
  }
  const { adviseSubmit } = await import('./steps/advise-submit.ts');
  return await adviseSubmit({ request, shape }, priced, ports);
}

async function decide(submission: Submission, ports: HotPorts): Promise<HookAnswer> {
  const { request } = submission;
  const foreign = wrongCluster(request.cluster, ports.pricing.settings.slurm.cluster_name);
  const shape = foreign ?? shapeOfRequest(request);
  if (isRefused(shape)) {
    return shape;
  }
  const priced = priceJob(shape, ports.pricing);
  if (priced === undefined || isRefused(priced)) {
    return priced ?? { kind: 'admitted' };
  }
  const pair = { account: accountOf(request), user: userOf(request) };
  const notTheirs = await foreignAccount(pair, 'submit', ports);
  if (notTheirs !== undefined) {
    return notTheirs;
  }
  const heard = await advised(submission, shape, priced, ports);
  return isRefused(heard) ? heard : await hold(submission, shape, heard, ports);
}

/**
 * A job wants in (burst.md 7.8): it is priced and its hold placed, or it is refused. The same request
 * again gets the answer it got. Faults are answered by the partition's `fail`.
 */
export async function submit(submission: Submission, ports: HotPorts): Promise<HookAnswer> {
  const { name, request } = submission;
  const asked = {
    verb: 'submit',
    name,
    partitions: partitionsOf(request),
    account: accountOf(request),
    userName: userOf(request),
  } as const;
  const answer = await byPolicy(ports, asked, () => decide(submission, ports));
  if (isRefused(answer)) {
    ports.log.write('info', 'submit_refused', {
      account: asked.account,
      user: asked.userName,
      partition: request.partition,
      code: answer.code,
      msg: answer.text,
      ...answer.fields,
    });
  }
  return answer;
}
