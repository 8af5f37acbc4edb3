import type { AbortCause } from '../../core/burst/aborts.ts';
import { priceJob } from '../../core/burst/price-job.ts';
import { EXIT, exitCodeOf, isRefused, type Refused, refused } from '../../core/errors.ts';
import type { Run } from '../../core/ledger/hold-words.ts';
import { placeHold } from '../../core/ledger/place-hold.ts';
import type { HoldRow } from '../../core/ledger/rows.ts';
import { toMicrosText } from '../../core/money/money.ts';
import type { SlurmJob } from '../../ports/slurm.ts';
import type { BurstPorts } from './burst-ports.ts';
import type { Payer } from './cover-rung.ts';
import { findHold, lifeOf } from './find-hold.ts';
import { placeNextRunHold } from './next-run-hold.ts';

/** What this run pays with, bound to it; a cause: nothing may be launched for it (burst.md 7.9). */
export async function payerOfJob(job: SlurmJob, ports: BurstPorts): Promise<Payer | AbortCause> {
  const found = await findHold(ports, job);
  switch (found.kind) {
    case 'open':
      return { job, hold: found.hold };
    case 'due': {
      const { run, after } = found;
      const hold =
        after === undefined
          ? await placeFreshHold(job, run, ports)
          : await placeNextRunHold(ports, { job, run, after });
      return isRefused(hold) ? causeOfNoHold(hold) : { job, hold };
    }
    case 'ended':
      return noHold(`the hold of job ${job.jobId} has ended although it lives`);
    case 'foreign':
      return noHold(`job ${job.jobId} names a hold that is not its own`);
  }
}

export function isPayer(value: Payer | AbortCause): value is Payer {
  return 'hold' in value;
}

function noHold(sentence: string): AbortCause {
  return { code: 'no_hold', as: 'plan', sentence };
}

function causeOfNoHold(refusal: Refused): AbortCause {
  const sentence = `no hold: ${refusal.text}`;
  if (exitCodeOf(refusal.code) === EXIT.insufficientFunds) {
    return { code: 'insufficient_funds', as: 'funds', sentence };
  }
  return refusal.code === 'TRY_AGAIN'
    ? { code: 'ledger', as: 'ledger', sentence }
    : { code: 'no_hold', as: 'plan', sentence };
}

/** A job that came in past the hook, or was admitted while the ledger could not be used. */
async function placeFreshHold(
  job: SlurmJob,
  run: Run,
  ports: BurstPorts,
): Promise<HoldRow | Refused> {
  const { settings, ledger } = ports;
  const priced = priceJob(
    {
      partitions: [job.partition],
      timeLimitSeconds: job.timeLimitSeconds,
      limits: {},
      minNodes: Math.max(1, job.numNodes),
      gres: [],
      features: '',
      arrayTasks: 1,
    },
    { priceDate: '', ...ports.pricing, settings, rateOf: ports.rateOf },
  );
  if (priced === undefined || isRefused(priced)) {
    return priced ?? refused('POLICY', `partition ${job.partition} is not a burst partition`);
  }
  const token = ports.ids.token();
  const { jobId, arrayTask, submitS, restart } = run;
  const partition = settings.slurm.partitions.find((each) => each.partition_name === job.partition);
  const answer = await ledger.decide(
    {
      scope: settings.slurm.cluster_name,
      key: `hold:${token}`,
      verb: 'hold',
      args: { token, jobId, arrayTask, submitS, restart, amount: toMicrosText(priced.amount) },
    },
    {
      payer: { slurmAccount: job.account, userName: job.userName },
      holds: { jobIds: [jobId], tokens: [token] },
    },
    (view) =>
      placeHold(view, {
        token,
        slurmAccount: job.account,
        partitions: [job.partition],
        userName: job.userName,
        amount: priced.amount,
        tasks: 1,
        expiresS: lifeOf(ports, job),
        pricing: priced.pricing,
        run,
        allowNegative: settings.budget.allow_negative_balance || partition?.fail === 'open',
      }),
  );
  if (isRefused(answer)) {
    return answer;
  }
  const { holds } = await ledger.read({ holds: { tokens: [token] } });
  return holds.find((hold) => hold.token === token) ?? refused('NOT_FOUND', 'the hold is gone');
}
