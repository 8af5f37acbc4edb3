import type { JobRunFacts } from '../../../core/burst/runs/job-runs.ts';
import { holdEstimate } from '../../../core/estimate/hold-estimate.ts';
import { bindHold } from '../../../core/ledger/bind-hold.ts';
import type { HoldRow } from '../../../core/ledger/rows.ts';
import { type Evidence, runsOfJob, type SettlePorts, tried } from './pass.ts';

/** A job is submitted so near to its check (budget.md 5). Seconds. */
const NEAR_SECONDS = 60;
const MICROS = 1_000_000;

function runName({ run }: JobRunFacts): string {
  return `${run.jobId}_${run.arrayTask} ${run.submitS}`;
}

/** The names by which SLURM knows the account that pays a hold. */
async function namesOf(
  ports: SettlePorts,
  holds: readonly HoldRow[],
): Promise<ReadonlyMap<number, ReadonlySet<string>>> {
  const tokens = holds.map(({ token }) => token);
  const { owners } = await ports.ledger.read({ holds: { tokens, owners: true } });
  const accounts = [...new Set(owners.map(({ account }) => account.account.name))];
  const view = await ports.ledger.read({ accounts });
  return new Map(
    view.accounts.flatMap(({ account, budgets, slurmNames }) =>
      budgets.map(({ budget }) => [
        budget.budgetId,
        new Set([account.name, ...slurmNames.map(({ name }) => name)]),
      ]),
    ),
  );
}

function couldBe(hold: HoldRow, names: ReadonlySet<string>, fact: JobRunFacts): boolean {
  const placedS = hold.createdUs / MICROS;
  return (
    names.has(fact.account) &&
    (hold.userName === '' || hold.userName === fact.userName) &&
    (hold.partition === '' || fact.partition.split(',').includes(hold.partition)) &&
    (hold.jobId !== undefined || Math.abs(fact.run.submitS - placedS) <= NEAR_SECONDS) &&
    fact.tasks === 1
  );
}

interface Pair {
  readonly hold: HoldRow;
  readonly fact: JobRunFacts;
}

/** One hold and one run that can only mean each other; a named job's nearest run. */
function pairs(
  holds: readonly HoldRow[],
  candidates: (hold: HoldRow) => readonly JobRunFacts[],
): readonly Pair[] {
  const all = holds.map((hold) => ({ hold, runs: candidates(hold) }));
  const claims = all.flatMap(({ runs }) => runs.map(runName));
  return all.flatMap(({ hold, runs }): readonly Pair[] => {
    const [fact, other] = runs;
    const isSure =
      fact !== undefined &&
      other === undefined &&
      claims.filter((name) => name === runName(fact)).length === 1;
    return isSure ? [{ hold, fact }] : [];
  });
}

/**
 * Ties holds that `check` or HTTP placed to the jobs that they were asked for (budget.md 5): by the job
 * that was named, else by account, user, partition and time, when exactly one fits. Hooks' holds go by
 * their token alone.
 */
export async function linkChecked(ports: SettlePorts, evidence: Evidence): Promise<number> {
  const { holds: open } = await ports.ledger.read({ holds: { open: {} } });
  const checked = open.filter((hold) => hold.tasks === 1 && holdEstimate(hold).isChecked);
  if (checked.length === 0) {
    return 0;
  }
  const every = [...evidence.jobs.values()].flat();
  const jobIds = [...new Set(every.map(({ run }) => run.jobId))];
  const { holds } = await ports.ledger.read({ holds: { jobIds } });
  const taken = new Set(
    holds.map(({ jobId, arrayTask, submitS }) => `${jobId}_${arrayTask} ${submitS}`),
  );
  const unbound = checked.filter(
    ({ jobId, arrayTask, submitS }) =>
      jobId === undefined ||
      !runsOfJob(evidence, { jobId, arrayTask }).some(({ run }) => run.submitS === submitS),
  );
  const names = await namesOf(ports, unbound);
  function candidates(hold: HoldRow): readonly JobRunFacts[] {
    const { jobId, arrayTask } = hold;
    const runs = jobId === undefined ? every : runsOfJob(evidence, { jobId, arrayTask });
    const own = names.get(hold.budgetId) ?? new Set();
    return runs.filter((fact) => !taken.has(runName(fact)) && couldBe(hold, own, fact));
  }
  let linked = 0;
  for (const { hold, fact } of pairs(unbound, candidates)) {
    linked += (await bound(ports, hold, fact)) ? 1 : 0;
  }
  return linked;
}

async function bound(ports: SettlePorts, hold: HoldRow, fact: JobRunFacts): Promise<boolean> {
  const { token, expiresS } = hold;
  const { jobId, arrayTask, submitS, restart } = fact.run;
  const answer = await tried(ports, token, () =>
    ports.ledger.decide(
      {
        scope: ports.settings.slurm.cluster_name,
        verb: 'bind',
        args: { token, jobId, arrayTask, submitS, restart, by: 'account, user, partition, time' },
      },
      { holds: { tokens: [token], jobIds: [jobId] } },
      (view) => bindHold(view, { token, run: { jobId, arrayTask, submitS, restart }, expiresS }),
    ),
  );
  return answer !== undefined;
}
