import type { AbortCause } from '../../core/burst/aborts.ts';
import { type Analysis, analyse, type Planned } from '../../core/burst/analysis/analyse.ts';
import { askedJob } from '../../core/burst/analysis/asked-job.ts';
import type { AskedJob } from '../../core/burst/analysis/job-numbers.ts';
import { candidatesOf } from '../../core/burst/candidates.ts';
import { analysedRecipe, configuredRecipe, type Recipe } from '../../core/burst/recipe.ts';
import { isRefused, type Refused } from '../../core/errors.ts';
import type { BurstPorts } from './burst-ports.ts';
import type { GangPart } from './gang-work.ts';
import type { GroupFacts, LaunchFacts } from './launch-facts.ts';

/**
 * How this part of a gang is to be launched: from the configuration, then what the analysis, the
 * execution plan and the advisor make of it. A cause: it must not be launched at all.
 */
export function partRecipe(
  part: GangPart,
  known: GroupFacts,
  facts: LaunchFacts,
  ports: BurstPorts,
): Promise<Recipe | AbortCause> {
  const configured = configuredRecipe({
    group: part.group,
    candidates: candidatesOf({
      group: part.group,
      rateOf: (type) => ports.rateOf(part.group, type),
      catalog: facts.catalog,
    }),
    template: known.template,
    nodes: part.nodes.length,
    hasJob: part.payers.length > 0,
    efa: undefined,
    mpi: ports.settings.mpi,
    cost: ports.settings.cost,
  });
  const analysis = analysisOf(part, facts, ports);
  return Promise.resolve(
    analysis === undefined ? configured : analysed(configured, analysis, part),
  );
}

/** Characters: more of a script says no more about what the job is. */
const SCRIPT_MAX = 1024 * 1024;

type Known = Pick<LaunchFacts, 'scripts' | 'catalog'>;
type Ports = Pick<BurstPorts, 'settings' | 'rateOf'>;

/** Of the job that these nodes are for; tasks of one array are all alike. */
function analysisOf(part: GangPart, known: Known, ports: Ports): Analysis | Refused | undefined {
  const [payer] = part.payers;
  return payer === undefined
    ? undefined
    : analysedPart(part, { job: askedJob(payer.job) }, known, ports);
}

/**
 * The same with a plan's word in place of the rules (burst.md 4.4). Of nodes that no job waits for the
 * plan alone speaks: it is of `poolNodes` nodes. Undefined: the job's own constraint contradicts itself.
 */
export function plannedAnalysis(
  part: GangPart,
  planned: Planned,
  { poolNodes, ...known }: Known & { readonly poolNodes: number },
  ports: Ports,
): Analysis | undefined {
  const [payer] = part.payers;
  const ask: Asked =
    payer === undefined
      ? { job: { nodes: poolNodes }, planned: { ...planned, grouping: planned.grouping ?? 'none' } }
      : { job: askedJob(payer.job), planned };
  const analysis = analysedPart(part, ask, known, ports);
  return isRefused(analysis) ? undefined : analysis;
}

interface Asked {
  readonly job: AskedJob;
  readonly planned?: Planned | undefined;
}

function analysedPart(
  { payers: [payer], group, nodes }: GangPart,
  { job, planned }: Asked,
  { scripts, catalog }: Known,
  { settings, rateOf }: Ports,
): Analysis | Refused {
  return analyse({
    script: ((payer === undefined ? undefined : scripts.get(payer.job.jobId)) ?? '').slice(
      0,
      SCRIPT_MAX,
    ),
    component: payer?.job.hetJobOffset,
    job,
    launching: nodes.length,
    group,
    mpi: settings.mpi,
    catalog,
    rateOf,
    planned,
  });
}

function analysed(
  configured: Recipe,
  analysis: Analysis | Refused,
  { group }: GangPart,
): Recipe | AbortCause {
  return isRefused(analysis)
    ? { code: 'Constraint', as: 'plan', sentence: analysis.text }
    : analysedRecipe(configured, analysis, group);
}
