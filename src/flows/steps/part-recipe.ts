import type { AbortCause } from '../../core/burst/aborts.ts';
import { type Analysis, analyse } from '../../core/burst/analysis/analyse.ts';
import { askedJob } from '../../core/burst/analysis/asked-job.ts';
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

/** Of the job that these nodes are for; tasks of one array are all alike. */
function analysisOf(
  { payers: [payer], group, nodes }: GangPart,
  { scripts, catalog }: LaunchFacts,
  { settings, rateOf }: BurstPorts,
): Analysis | Refused | undefined {
  return payer === undefined
    ? undefined
    : analyse({
        script: (scripts.get(payer.job.jobId) ?? '').slice(0, SCRIPT_MAX),
        job: askedJob(payer.job),
        launching: nodes.length,
        group,
        mpi: settings.mpi,
        catalog,
        rateOf,
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
