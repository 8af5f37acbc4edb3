import type { AbortCause } from '../../core/burst/aborts.ts';
import type { Catalog } from '../../core/burst/catalog.ts';
import { applyAdvice } from '../../core/burst/plan/advice.ts';
import { applyPlan, purchaseOf } from '../../core/burst/plan/apply-plan.ts';
import { boughtAs, checkCost, nodeCeilings } from '../../core/burst/plan/check-cost.ts';
import {
  checkName,
  checkSite,
  checkSpread,
  ownTemplate,
  type PlanSite,
  plannedSubnets,
} from '../../core/burst/plan/check-place.ts';
import { checkTraits, plannedTypes } from '../../core/burst/plan/check-types.ts';
import { type PlanFinding, planError, refusalOf } from '../../core/burst/plan/plan.ts';
import { plannedOf } from '../../core/burst/plan/planned-analysis.ts';
import { volumeRate } from '../../core/burst/volumes.ts';
import { Fault } from '../../core/errors.ts';
import { isCloudRefusal } from '../../ports/cloud.ts';
import type { SlurmJob } from '../../ports/slurm.ts';
import type { BurstPorts } from './burst-ports.ts';
import type { Deadline } from './deadline.ts';
import type { ReadyPart } from './gang-work.ts';
import {
  adviceOnJob,
  badPlan,
  type CheckedPlan,
  distinct,
  type JobPlan,
  judged,
  planOfJob,
  planOfPool,
  scriptOnce,
  tellFindings,
} from './job-plan.ts';
import { isCause, type LaunchFacts } from './launch-facts.ts';
import { marketFacts } from './market-facts.ts';
import { plannedAnalysis } from './part-recipe.ts';

/** A gang whose recipes have heard plan and advisor, with what EC2 says of all that they want. */
export interface PlannedGang {
  readonly parts: readonly ReadyPart[];
  readonly facts: LaunchFacts;
}

type Ports = BurstPorts & { readonly deadline: Deadline };
type Planned = Extract<JobPlan, { kind: 'plan' }>;

/**
 * Lays execution plan or advice over the recipes (burst.md 3, 2.4), job by job. A cause: the gang must
 * not be launched.
 */
export async function plannedParts(
  parts: readonly ReadyPart[],
  facts: LaunchFacts,
  ports: Ports,
): Promise<PlannedGang | AbortCause> {
  const heard: { part: ReadyPart; plan: JobPlan }[] = [];
  for (const [job, own] of Map.groupBy(parts, (part) => part.payers[0]?.job)) {
    const plan =
      job === undefined
        ? hearPool(own, facts, ports)
        : await hear(job, own, { parts, facts }, ports);
    if (isCause(plan)) {
      return plan;
    }
    heard.push(...own.map((part) => ({ part, plan })));
  }
  return await laidOver(heard, facts, ports);
}

const NOTHING: JobPlan = { kind: 'none' };

/** What EC2 has said so far. */
interface Seen {
  /** Absent: it was not asked about what the plan names yet. */
  readonly facts?: LaunchFacts;
  readonly catalog: Catalog;
  readonly scripts: LaunchFacts['scripts'];
  /** Nodes that no job waits for, of all node groups. */
  readonly poolNodes: number;
}

/** A plan is what its author wants: the advisor is asked only where there is none. */
async function hear(
  job: SlurmJob,
  own: readonly ReadyPart[],
  { parts, facts }: { readonly parts: readonly ReadyPart[]; readonly facts: LaunchFacts },
  ports: Ports,
): Promise<JobPlan | AbortCause> {
  const script = scriptOnce(job, facts.scripts, ports);
  const checked = await planOfJob(job, { nodes: gangNodes(job, parts), script }, ports);
  if (checked !== undefined && isCause(checked)) {
    return checked;
  }
  const plan =
    checked === undefined
      ? NOTHING
      : onSite(job, checked, { own, seen: seenBefore(own, facts) }, ports);
  if (isCause(plan) || plan.kind !== 'none') {
    return plan;
  }
  const analysis = {
    script,
    nodes: job.numNodes,
    isMpi: own.some(({ recipe }) => recipe.isMpi),
    processes: Math.max(1, job.numTasks),
    needsLowLatency: own.some(({ recipe }) => recipe.grouping.strategy === 'cluster'),
  };
  return await adviceOnJob(job, analysis, ports);
}

/** Nodes that no job waits for: a person may name a plan for them (`--execution-plan`). */
function hearPool(
  own: readonly ReadyPart[],
  facts: LaunchFacts,
  ports: Ports,
): JobPlan | AbortCause {
  const seen = seenBefore(own, facts);
  const checked = planOfPool(seen.poolNodes, ports);
  return checked === undefined ? NOTHING : onSite(NO_JOB, checked, { own, seen }, ports);
}

/** Before EC2 is asked about what a plan names. */
function seenBefore(parts: readonly ReadyPart[], { catalog, scripts }: LaunchFacts): Seen {
  const free = parts.filter(({ payers }) => payers.length === 0);
  const poolNodes = free.reduce((sum, part) => sum + part.nodes.length, 0);
  return { catalog, scripts, poolNodes };
}

const NO_JOB = { jobId: 0 };

/** With all that the configuration says of it: a refusal names every defect at once (burst.md 3.4). */
function onSite(
  job: Pick<SlurmJob, 'jobId'>,
  checked: CheckedPlan,
  { own, seen }: { readonly own: readonly ReadyPart[]; readonly seen: Seen },
  ports: Ports,
): JobPlan | AbortCause {
  const { plan } = checked.found;
  const found =
    plan === undefined || !plan.shouldBurst
      ? []
      : own.flatMap((part) => recipeOf(part, { ...checked, plan }, seen, ports).findings);
  return judged(job, checked, found, ports);
}

/** Of all components of a heterogeneous job; of any other the job's own. */
function gangNodes(job: SlurmJob, parts: readonly ReadyPart[]): number {
  if (job.hetJobId === undefined) {
    return Math.max(1, job.numNodes);
  }
  const jobs = new Map(
    parts.flatMap(({ payers }) => payers.map((each) => [each.job.jobId, each.job])),
  );
  return [...jobs.values()].reduce((sum, each) => sum + Math.max(1, each.numNodes), 0);
}

async function laidOver(
  heard: readonly { readonly part: ReadyPart; readonly plan: JobPlan }[],
  facts: LaunchFacts,
  ports: Ports,
): Promise<PlannedGang | AbortCause> {
  // Twice: EC2 is asked about what the plans name, which is then looked at by what it has answered.
  const seen = seenBefore(
    heard.map(({ part }) => part),
    facts,
  );
  const wanted = heard.map((each) => withPlan(each, seen, ports));
  const known = await marketFacts(
    wanted.map(({ part }) => part),
    facts,
    ports,
  );
  if (isCause(known)) {
    return known;
  }
  const parts: ReadyPart[] = [];
  for (const each of wanted) {
    const told = { ...seen, facts: known, catalog: known.catalog };
    const laid = await confirmed(each, told, ports);
    if (isCause(laid)) {
      return laid;
    }
    parts.push(laid);
  }
  return { parts, facts: known };
}

interface Laid {
  readonly part: ReadyPart;
  /** As it was before. */
  readonly before: ReadyPart;
  readonly plan: JobPlan;
  /** What was noted on the way. */
  readonly findings?: readonly PlanFinding[];
}

function withPlan(
  { part, plan }: { readonly part: ReadyPart; readonly plan: JobPlan },
  seen: Seen,
  ports: Ports,
): Laid {
  switch (plan.kind) {
    case 'none':
      return { part, before: part, plan };
    case 'advice': {
      const nodes = Math.max(1, part.payers[0]?.job.numNodes ?? 1);
      const recipe = applyAdvice(part.recipe, plan.advice, nodes);
      return { part: { ...part, recipe }, before: part, plan };
    }
    case 'plan':
      return planned(part, plan, seen, ports);
  }
}

function planned(part: ReadyPart, plan: Planned, seen: Seen, ports: Ports): Laid {
  const { recipe, findings } = recipeOf(part, plan, seen, ports);
  return { part: { ...part, recipe }, before: part, plan, findings };
}

/** The plan's recipe for this part, and what speaks against it as far as it is known. */
function recipeOf(
  part: ReadyPart,
  { plan, found }: Pick<Planned, 'plan' | 'found'>,
  seen: Seen,
  ports: Ports,
): { readonly recipe: ReadyPart['recipe']; readonly findings: readonly PlanFinding[] } {
  const { facts, catalog } = seen;
  const { group, recipe, nodes, payers } = part;
  const job = payers[0]?.job;
  const site = siteOf(part, facts, ports);
  const subnetIds = plannedSubnets(plan, site);
  const types = plannedTypes(plan, {
    group,
    rateOf: ports.rateOf,
    catalog,
    subnetIds,
    zones: facts?.zones,
    offered: facts?.offered,
  });
  const size = {
    nodes: Math.max(1, job?.numNodes ?? nodes.length),
    seconds: job?.timeLimitSeconds,
    beside: volumeRate(recipe.template.volumes, ports.settings.cost),
  };
  const { purchasing, spotFallback } = purchaseOf(plan, recipe);
  const buys = boughtAs(purchasing, spotFallback);
  const zones = new Set(subnetIds.flatMap((id) => facts?.zones.get(id) ?? []));
  const setting = {
    group,
    nodes: nodes.length,
    analysis: plannedAnalysis(part, plannedOf(plan), seen, ports),
    candidates: types.candidates,
    subnetIds,
    ceilings: nodeCeilings(plan, size),
    file: { path: found.path, digest: found.digest },
  };
  const laid = applyPlan(recipe, plan, setting);
  const knownZones = facts === undefined ? undefined : zones.size;
  const spreadOver = laid.oneZone ? 1 : knownZones;
  const findings = [
    ...checkSite(plan, site),
    ...types.findings,
    ...checkTraits(plan, { purchasing, efa: { level: laid.efa, text: laid.efaReason } }, catalog),
    ...(spreadOver === undefined ? [] : checkSpread(plan, nodes.length, spreadOver)),
    ...checkCost(plan, types.candidates, buys, size),
  ];
  return { recipe: laid, findings };
}

function siteOf(part: ReadyPart, facts: LaunchFacts | undefined, ports: Ports): PlanSite {
  return {
    group: part.group,
    allowed: ports.settings.burst,
    template: asked(part),
    zones: facts?.zones,
  };
}

/** Without EC2 (a dry run) the template is as the configuration has it. */
function asked({ group, recipe }: ReadyPart): PlanSite['template'] {
  const { launch_template_name: name } = group.launch_template_specification;
  return recipe.template.id === name ? undefined : recipe.template;
}

/** Once EC2 has answered: the same again, and what the plan names besides types and subnets. */
async function confirmed(
  { before, plan }: Laid,
  seen: Seen,
  ports: Ports,
): Promise<ReadyPart | AbortCause> {
  const laid = withPlan({ part: before, plan }, seen, ports);
  return laid.plan.kind === 'plan' ? await withNamed(laid, laid.plan, ports) : laid.part;
}

async function withNamed(
  { part, before, findings = [] }: Laid,
  plan: Planned,
  ports: Ports,
): Promise<ReadyPart | AbortCause> {
  const job = before.payers[0]?.job ?? NO_JOB;
  try {
    const ofGroup = await groupFindings(plan, ports);
    const template = await templateOf(plan, before, ports);
    const ofTemplate = 'findings' in template ? template.findings : [];
    const all = [...findings, ...ofGroup, ...ofTemplate];
    tellFindings(job, plan.found, all, ports);
    return refusalOf(all) !== undefined || 'findings' in template
      ? (badPlan(distinct([...plan.findings, ...all]), ports) ?? before)
      : { ...part, recipe: { ...part.recipe, template } };
  } catch (error) {
    return causeOfFault(error);
  }
}

/** EC2 did not say what the plan needs to know. */
function causeOfFault(error: unknown): AbortCause {
  if (!(error instanceof Fault)) {
    throw error;
  }
  return { code: 'EC2Unreachable', as: 'throttle', sentence: error.message };
}

/** A group that a plan names must exist and be of the plan's strategy. */
async function groupFindings({ plan }: Planned, ports: Ports): Promise<readonly PlanFinding[]> {
  const { placementGroup, placement } = plan.network;
  if (placementGroup === '') {
    return [];
  }
  const strategy = await ports.cloud.placementStrategy(placementGroup);
  const message =
    strategy === undefined
      ? `there is no placement group ${placementGroup}`
      : `the placement group ${placementGroup} is ${strategy}, the plan says ${placement}`;
  const path = 'network_configuration.placement_group_name';
  return strategy === placement ? [] : [planError('plan_contradiction', { path, message })];
}

/** With its version pinned: the node group's, or the one that the plan names and the site allows. */
async function templateOf(
  { plan }: Planned,
  part: ReadyPart,
  { cloud }: Ports,
): Promise<ReadyPart['recipe']['template'] | { readonly findings: readonly PlanFinding[] }> {
  const { template } = part.recipe;
  const own = ownTemplate(plan, { group: part.group, template: asked(part) });
  if (own === undefined) {
    return template;
  }
  const answer = await cloud.launchTemplate(own.name, own.id, '$Default');
  const path = 'instance_specification.launch_template_name';
  if (isCloudRefusal(answer)) {
    return { findings: [planError('plan_template_forbidden', { path, message: answer.message })] };
  }
  const findings = checkName(plan, answer);
  return findings.length === 0 ? answer : { findings };
}
