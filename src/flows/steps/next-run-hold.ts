import { assert, isRefused, type Refused } from '../../core/errors.ts';
import { taskAmountOf } from '../../core/ledger/extend-hold.ts';
import type { Run } from '../../core/ledger/hold-words.ts';
import { placeHold } from '../../core/ledger/place-hold.ts';
import type { HoldRow } from '../../core/ledger/rows.ts';
import { taskToken } from '../../core/ledger/split-hold.ts';
import { toMicrosText } from '../../core/money/money.ts';
import type { SlurmJob } from '../../ports/slurm.ts';
import { afterDue } from './after-due.ts';
import { type FindHoldPorts, lifeOf } from './find-hold.ts';

const RUN_SUFFIX = /\.r[0-9]+$/;

/** `<token>.r<restart>`; of a task whose array's hold has ended `<token>.<task>.r<restart>`. */
function nextToken(after: HoldRow, run: Run): string {
  const base = after.token.replace(RUN_SUFFIX, '');
  const own = run.arrayTask >= 0 && after.arrayTask < 0 ? taskToken(base, run.arrayTask) : base;
  return `${own}.r${run.restart}`;
}

export interface NextRun {
  readonly job: Pick<
    SlurmJob,
    'account' | 'userName' | 'partition' | 'state' | 'startS' | 'timeLimitSeconds'
  >;
  readonly run: Run;
  /** The ended or earlier hold of the job: it is priced alike. */
  readonly after: HoldRow;
}

/**
 * A hold for the run after a started one, or after a hold that ran out (burst.md 7.9). Refused when
 * the account has no money for it: whoever asked gives the nodes back, or lets what runs go on.
 */
export async function placeNextRunHold(
  ports: FindHoldPorts,
  { job, run, after }: NextRun,
): Promise<HoldRow | Refused> {
  const token = nextToken(after, run);
  const amount = taskAmountOf(after);
  const { jobId, arrayTask, submitS, restart } = run;
  const request = {
    scope: ports.settings.slurm.cluster_name,
    key: `hold:${token}`,
    verb: 'hold',
    args: { token, jobId, arrayTask, submitS, restart, amount: toMicrosText(amount) },
  };
  const query = {
    payer: { slurmAccount: job.account, userName: job.userName },
    holds: { jobIds: [jobId], tokens: [token] },
  };
  const answer = await afterDue(ports, job.account, () =>
    ports.ledger.decide(request, query, (view) =>
      placeHold(view, {
        token,
        slurmAccount: job.account,
        partitions: [job.partition],
        userName: job.userName,
        amount,
        tasks: 1,
        expiresS: lifeOf(ports, job),
        pricing: after.pricing,
        run,
        allowNegative: ports.settings.budget.allow_negative_balance,
      }),
    ),
  );
  if (isRefused(answer)) {
    return answer;
  }
  const { holds } = await ports.ledger.read({ holds: { tokens: [token] } });
  const placed = holds.find((hold) => hold.token === token);
  assert(placed !== undefined, `the hold ${token} was placed and is not there`);
  return placed;
}
