import type { AbortCause } from '../../core/burst/aborts.ts';
import type { Advice } from '../../core/burst/plan/advice.ts';
import {
  checkAge,
  checkJob,
  checkNodes,
  checkPool,
  type PlannedJob,
} from '../../core/burst/plan/check-job.ts';
import { checkPlan } from '../../core/burst/plan/check-plan.ts';
import { type ExecutionPlan, type PlanFinding, refusalOf } from '../../core/burst/plan/plan.ts';
import { Fault } from '../../core/errors.ts';
import type { Advisor, AdvisorQuestion } from '../../ports/advisor.ts';
import type { FoundPlan } from '../../ports/plans.ts';
import type { SlurmJob } from '../../ports/slurm.ts';
import { type BurstPorts, nowS } from './burst-ports.ts';

/** What is heard of a job before its nodes are launched. `none`: nobody says anything. */
export type JobPlan =
  | { readonly kind: 'none' }
  | ({ readonly kind: 'plan'; readonly plan: ExecutionPlan } & CheckedPlan)
  | { readonly kind: 'advice'; readonly advice: Advice };

const ADVISOR_MS_MAX = 10_000;
const MS_PER_SECOND = 1000;
const NOTHING: JobPlan = { kind: 'none' };

/** Against a launch: the advisor's word, from a plan or asked for (burst.md 3.4). */
const ON_PREMISES: AbortCause = {
  code: 'not_recommended',
  as: 'plan',
  sentence: 'advisor says run on premises',
};

/** A plan as it was found, and what speaks for or against it so far. */
export interface CheckedPlan {
  readonly found: FoundPlan;
  readonly findings: readonly PlanFinding[];
}

/**
 * The plan of a job with what can be said of it without its node groups; undefined: there is none, a
 * cause: slurmctld did not say what is needed. By the job's id, an array's by that of the array, else by
 * the hash of its script; a plan that a person named comes first. `nodes`: of the whole gang.
 */
export async function planOfJob(
  job: SlurmJob,
  { nodes, script }: { readonly nodes: number; readonly script: Script },
  ports: BurstPorts,
): Promise<CheckedPlan | undefined | AbortCause> {
  if (ports.plans === undefined) {
    return undefined;
  }
  try {
    return await checkedPlan(job, nodes, script, ports);
  } catch (error) {
    if (!(error instanceof Fault)) {
      throw error;
    }
    return { code: 'NoAnswer', as: 'slurm', sentence: error.message };
  }
}

/** Of nodes that no job waits for: only a plan that a person named, for as many nodes. */
export function planOfPool(nodes: number, ports: BurstPorts): CheckedPlan | undefined {
  const { plans, planFile } = ports;
  const found = planFile === undefined ? undefined : plans?.read(planFile, undefined);
  const plan = found?.plan;
  if (found === undefined || plan === undefined) {
    return found === undefined ? undefined : { found, findings: found.findings };
  }
  const own = [
    ...checkPlan(plan),
    ...checkAge(plan, ageNow(ports)),
    ...checkPool(plan, ports.settings.cost.pool_account),
    ...checkNodes(plan, nodes),
  ];
  return { found, findings: [...found.findings, ...own] };
}

async function checkedPlan(
  job: SlurmJob,
  nodes: number,
  script: Script,
  ports: BurstPorts,
): Promise<CheckedPlan | undefined> {
  const found = await findPlan(job, script, ports);
  const plan = found?.plan;
  if (found === undefined || plan === undefined) {
    return found === undefined ? undefined : { found, findings: found.findings };
  }
  const needsScript = plan.about.scriptHashes.length > 0;
  const hashes = needsScript ? hashesOf(await script(), ports) : [];
  const findings = [
    ...found.findings,
    ...checkPlan(plan),
    ...checkAge(plan, ageNow(ports)),
    ...checkJob(plan, plannedJob(job, nodes, hashes)),
  ];
  return { found, findings };
}

function ageNow(ports: BurstPorts): { readonly nowS: number; readonly maxAgeS: number } {
  return { nowS: nowS(ports), maxAgeS: ports.settings.absa.plan_max_age / MS_PER_SECOND };
}

/**
 * The cause that a refused plan is, or the plan; where the site says so, as if there were none. `onSite`:
 * what its node groups say of it, besides what was found before.
 */
export function judged(
  job: Pick<SlurmJob, 'jobId'>,
  { found, findings }: CheckedPlan,
  onSite: readonly PlanFinding[],
  ports: BurstPorts,
): JobPlan | AbortCause {
  const all = distinct([...findings, ...onSite]);
  if (refusalOf(all) !== undefined || found.plan === undefined) {
    tellFindings(job, found, all, ports);
    return badPlan(all, ports) ?? NOTHING;
  }
  tellFindings(job, found, findings, ports);
  return found.plan.shouldBurst
    ? { kind: 'plan', plan: found.plan, found, findings }
    : { ...ON_PREMISES, findings };
}

/** Parts of one gang say the same of the plan that they share. */
export function distinct(findings: readonly PlanFinding[]): readonly PlanFinding[] {
  return [
    ...new Map(findings.map((each) => [`${each.id} ${each.path} ${each.message}`, each])).values(),
  ];
}

/** Undefined: the site goes on without a plan that is refused (`absa.on_bad_plan`). */
export function badPlan(
  findings: readonly PlanFinding[],
  { settings, isByHand = false }: Pick<BurstPorts, 'settings' | 'isByHand'>,
): AbortCause | undefined {
  const code = refusalOf(findings)?.id ?? 'plan_unreadable';
  return settings.absa.on_bad_plan === 'standalone' && !isByHand
    ? undefined
    : { code, as: 'plan', sentence: `plan refused: ${code}`, findings };
}

const SHOWN_MAX = 20;

/** In the log, once a resume: unknown keys in one line, whatever else in one each. */
export function tellFindings(
  job: Pick<SlurmJob, 'jobId'>,
  found: Pick<FoundPlan, 'path'>,
  findings: readonly PlanFinding[],
  { log }: Pick<BurstPorts, 'log'>,
): void {
  const unknown = findings.filter(({ id }) => id === 'plan_unknown_key').map(({ path }) => path);
  if (unknown.length > 0) {
    log.write('warn', 'plan_keys_ignored', {
      job_id: job.jobId,
      plan: found.path,
      keys: unknown.slice(0, SHOWN_MAX).join(','),
    });
  }
  const rest = findings.filter(({ id }) => id !== 'plan_unknown_key');
  for (const { id, severity, path, message } of rest.slice(0, SHOWN_MAX)) {
    log.write(LEVELS[severity], 'plan_finding', {
      job_id: job.jobId,
      plan: found.path,
      code: id,
      path,
      msg: message,
    });
  }
}

const LEVELS = { error: 'error', warning: 'warn', note: 'info' } as const;

/** The batch script of a job. */
export type Script = () => Promise<string | undefined>;

/** Asked of slurmctld once: for what is not `known` yet, and only when somebody wants it. */
export function scriptOnce(
  job: SlurmJob,
  known: ReadonlyMap<number, string>,
  { slurm }: Pick<BurstPorts, 'slurm'>,
): Script {
  const { jobId, arrayJobId } = job;
  let text: Promise<string | undefined> | undefined;
  return async () => {
    const script = known.get(jobId);
    if (script !== undefined) {
      return script;
    }
    text ??= slurm.batchScript(arrayJobId ?? jobId);
    return await text;
  };
}

async function findPlan(
  job: SlurmJob,
  script: Script,
  { plans, planFile, hash }: BurstPorts,
): Promise<FoundPlan | undefined> {
  if (planFile !== undefined) {
    return plans?.read(planFile, job.userId);
  }
  const byId = plans?.find([`${job.arrayJobId ?? job.jobId}`], job.userId);
  if (byId !== undefined || plans?.hasPlansByScript() !== true) {
    return byId;
  }
  return plans.find(hashesOf(await script(), { hash }), job.userId);
}

const LAST_NEWLINE = /\n$/u;

/** scontrol ends what it writes to a terminal with a newline of its own, so both forms are the script's. */
function hashesOf(
  script: string | undefined,
  { hash }: Pick<BurstPorts, 'hash'>,
): readonly string[] {
  return script === undefined
    ? []
    : [...new Set([script, script.replace(LAST_NEWLINE, '')])].map((text) => hash.sha256(text));
}

function plannedJob(job: SlurmJob, nodes: number, scriptHashes: readonly string[]): PlannedJob {
  const { jobId, arrayJobId, arrayTaskId, hetJobId } = job;
  const ofArray = arrayJobId === undefined ? [] : [`${arrayJobId}`, `${arrayJobId}_${arrayTaskId}`];
  return {
    ids: [`${jobId}`, ...ofArray, ...(hetJobId === undefined ? [] : [`${hetJobId}`])],
    user: job.userName,
    account: job.account,
    tasks: job.numTasks,
    limitSeconds: job.timeLimitSeconds,
    nodes,
    scriptHashes,
  };
}

/** Is there an advisor to ask? `auto-detect`: only when there is one. */
function advisorToAsk({ advisor, settings }: BurstPorts): Advisor | undefined {
  const { enabled } = settings.absa;
  const isWanted =
    enabled === 'true' || (enabled === 'auto-detect' && advisor?.place !== undefined);
  return isWanted ? advisor : undefined;
}

type Analysis = Pick<AdvisorQuestion, 'nodes' | 'isMpi' | 'processes' | 'needsLowLatency'>;

/** Asks within the deadline; nothing heard is what `absa.on_unavailable` says. */
export async function adviceOnJob(
  job: SlurmJob,
  analysis: Analysis & { readonly script: Script },
  ports: BurstPorts & { readonly deadline: { leftMs(): number } },
): Promise<JobPlan | AbortCause> {
  const advisor = advisorToAsk(ports);
  if (advisor === undefined) {
    return NOTHING;
  }
  const { absa } = ports.settings;
  const limitMs = Math.min(
    absa.timeout_seconds * MS_PER_SECOND,
    ADVISOR_MS_MAX,
    ports.deadline.leftMs(),
  );
  try {
    const { script, ...known } = analysis;
    const advice = await advisor.ask(questionOf(job, await script(), known), limitMs);
    ports.log.write('info', 'advice_heard', {
      job_id: job.jobId,
      from: advice.from,
      ...advice.said,
    });
    return advice.shouldBurst ? { kind: 'advice', advice } : ON_PREMISES;
  } catch (error) {
    if (!(error instanceof Fault)) {
      throw error;
    }
    ports.log.write('warn', 'advisor_unavailable', { job_id: job.jobId, msg: error.message });
    return absa.on_unavailable === 'standalone' ? NOTHING : noAdvice(error);
  }
}

/** Another try may hear it: the job is delayed, not held. */
function noAdvice(fault: Fault): AbortCause {
  return { code: 'AdvisorUnavailable', as: 'slurm', sentence: `no advice: ${fault.message}` };
}

function questionOf(
  job: SlurmJob,
  script: string | undefined,
  analysis: Analysis,
): AdvisorQuestion {
  return {
    ...analysis,
    jobId: `${job.jobId}`,
    script: script ?? '',
    name: job.name,
    user: job.userName,
    account: job.account,
    partition: job.partition,
    cpus: job.numCpus,
    memoryMib: job.minMemoryNodeMib,
    limitSeconds: job.timeLimitSeconds,
  };
}
