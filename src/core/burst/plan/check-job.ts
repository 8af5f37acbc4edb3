import { type ExecutionPlan, type PlanFinding, planError, planWarning } from './plan.ts';

/** The job that a plan is to be executed for; absent parts are not compared. */
export interface PlannedJob {
  /** Raw id, and for arrays `12_3` and the array's own. */
  readonly ids: readonly string[];
  readonly user: string;
  readonly account: string;
  /** 0: not known. */
  readonly tasks: number;
  readonly limitSeconds?: number | undefined;
  /** Nodes of the whole gang. */
  readonly nodes: number;
  /** SHA-256 of its batch script, one for each way to end it; empty: it has none. */
  readonly scriptHashes: readonly string[];
}

const SECONDS_PER_HOUR = 3600;

/** Is the plan of its time? `maxAgeS` 0: for ever (burst.md 2.4 `absa.plan_max_age`). */
export function checkAge(
  { about, dialect }: ExecutionPlan,
  now: { readonly nowS: number; readonly maxAgeS: number },
): readonly PlanFinding[] {
  const findings: PlanFinding[] = [];
  const { writtenS, expiresS } = about;
  if (writtenS !== undefined && now.maxAgeS > 0 && now.nowS - writtenS > now.maxAgeS) {
    const path = dialect === 'asbx' ? 'execution_metadata.analysis_timestamp' : 'generated_at';
    const hours = Math.floor((now.nowS - writtenS) / SECONDS_PER_HOUR);
    const message = `the plan is ${hours} h old, absa.plan_max_age is ${now.maxAgeS / SECONDS_PER_HOUR} h`;
    findings.push(planError('plan_expired', { path, message }));
  }
  if (expiresS !== undefined && now.nowS >= expiresS) {
    const message = 'the plan has expired';
    findings.push(planError('plan_expired', { path: 'expires_at', message }));
  }
  return findings;
}

/** Is it this job's plan, and does the job still look as it did then? */
export function checkJob(plan: ExecutionPlan, job: PlannedJob): readonly PlanFinding[] {
  return [
    ...identityOf(plan, job),
    ...scriptOf(plan, job),
    ...checkNodes(plan, job.nodes),
    ...tasksOf(plan, job),
    ...timeOf(plan, job),
  ];
}

function identityOf({ about, cost, dialect }: ExecutionPlan, job: PlannedJob): PlanFinding[] {
  const findings: PlanFinding[] = [];
  const isFor = about.jobId === '' || about.jobId === 'standalone' || job.ids.includes(about.jobId);
  if (!isFor) {
    const message = `the plan is for job ${about.jobId}, not for ${job.ids[0] ?? 'this one'}`;
    findings.push(planError('plan_job_mismatch', { path: 'execution_metadata.job_id', message }));
  }
  if (about.user !== '' && about.user !== job.user) {
    const message = `the plan is for user ${about.user}, the job is of ${job.user}`;
    findings.push(planError('plan_account', { path: 'execution_metadata.user_id', message }));
  }
  for (const [at, account] of accountsOf({ about, cost, dialect })) {
    if (account !== '' && account !== job.account) {
      const message = `the plan is for account ${account}, the job pays with ${job.account}`;
      findings.push(planError('plan_account', { path: at, message }));
    }
  }
  return findings;
}

/**
 * Of nodes that no job waits for: is it a plan for no job either? They are paid by the site's own account,
 * so another's plan must not be executed on them; its user can only be named.
 */
export function checkPool(
  { about, cost, dialect }: ExecutionPlan,
  poolAccount: string | undefined,
): readonly PlanFinding[] {
  const findings: PlanFinding[] = [];
  if (about.jobId !== '' && about.jobId !== 'standalone') {
    const message = `the plan is for job ${about.jobId}, no job waits for these nodes`;
    findings.push(planError('plan_job_mismatch', { path: 'execution_metadata.job_id', message }));
  }
  if (about.user !== '') {
    const message = `the plan is for user ${about.user}; these nodes are nobody's`;
    findings.push(planWarning('plan_account', { path: 'execution_metadata.user_id', message }));
  }
  for (const [path, account] of accountsOf({ about, cost, dialect })) {
    if (account !== '' && account !== poolAccount) {
      const payer = poolAccount ?? 'nobody';
      const message = `the plan is for account ${account}, cost.pool_account ${payer} pays for these nodes`;
      findings.push(planError('plan_account', { path, message }));
    }
  }
  return findings;
}

function accountsOf({
  about,
  cost,
  dialect,
}: Pick<ExecutionPlan, 'about' | 'cost' | 'dialect'>): readonly (readonly [string, string])[] {
  const path = dialect === 'asbx' ? 'execution_metadata.project_id' : 'job_metadata.account';
  return [
    [path, about.account],
    ['cost_constraints.budget_account', cost.account],
  ];
}

/** Every hash that the plan carries must be the script's: a job without a script has none. */
function scriptOf({ about, dialect }: ExecutionPlan, job: PlannedJob): PlanFinding[] {
  const path = dialect === 'asba' ? 'job_metadata.script_hash' : 'job_hash';
  const isOther = about.scriptHashes.some((hash) => !job.scriptHashes.includes(hash));
  const message =
    job.scriptHashes.length === 0
      ? 'the plan is for a batch script, the job has none'
      : 'the batch script is not the one that the plan was made for';
  return isOther ? [planError('plan_script_changed', { path, message })] : [];
}

export function checkNodes({ instances }: ExecutionPlan, nodes: number): readonly PlanFinding[] {
  const { count } = instances;
  const path = 'instance_specification.instance_count';
  const message = `the plan is for ${count} nodes, the job has ${nodes}`;
  return count === undefined || count === nodes
    ? []
    : [planError('plan_node_count', { path, message })];
}

function tasksOf({ mpi }: ExecutionPlan, { tasks, nodes }: PlannedJob): PlanFinding[] {
  if (mpi?.isMpi !== true) {
    return [];
  }
  const { processes, processesPerNode } = mpi;
  const findings: PlanFinding[] = [];
  if (tasks > 0 && processes !== tasks) {
    const path = 'mpi_configuration.process_count';
    const message = `${processes} processes planned, the job has ${tasks} tasks`;
    findings.push(planWarning('plan_tasks', { path, message }));
  }
  if (processesPerNode !== undefined && processesPerNode * nodes < processes) {
    const path = 'mpi_configuration.processes_per_node';
    const message = `${processesPerNode} processes on each of ${nodes} nodes are fewer than ${processes}`;
    findings.push(planWarning('plan_tasks', { path, message }));
  }
  return findings;
}

function timeOf({ cost }: ExecutionPlan, { limitSeconds }: PlannedJob): PlanFinding[] {
  const { durationSeconds } = cost;
  const path = 'cost_constraints.max_duration_hours';
  const message = `the plan is for ${durationSeconds} s, the job may run ${limitSeconds} s`;
  const isShort =
    durationSeconds > 0 && limitSeconds !== undefined && durationSeconds < limitSeconds;
  return isShort ? [planWarning('plan_duration', { path, message })] : [];
}
