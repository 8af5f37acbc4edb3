import { isWearyOfSpot } from '../../core/burst/interruptions.ts';
import type { Recipe } from '../../core/burst/recipe.ts';
import { isUnfit } from '../../core/burst/unfit-types.ts';
import { type BurstPorts, nowS } from './burst-ports.ts';
import type { GangPart } from './gang-work.ts';
import { groupConfig } from './group-config.ts';
import type { LaunchFacts } from './launch-facts.ts';

/** What earlier attempts taught: types that are no nodes of the group (F14), jobs that spot failed twice. */
export function learnedRecipe(
  part: GangPart,
  recipe: Recipe,
  facts: LaunchFacts,
  ports: BurstPorts,
): Recipe {
  const config = groupConfig(part, recipe.template, ports);
  const unfit = recipe.candidates.filter(({ instanceType }) =>
    isUnfit(facts.unfit, { nodeGroup: part.nodeGroup, instanceType, config }),
  );
  const isWeary = part.payers.some(({ job }) =>
    isWearyOfSpot(facts.interruptions, job.jobId, nowS(ports)),
  );
  const prefersOnDemand =
    isWeary && (recipe.purchasing === 'spot' || recipe.purchasing === 'mixed');
  return {
    ...recipe,
    candidates: recipe.candidates.filter((candidate) => !unfit.includes(candidate)),
    reasons: [
      ...recipe.reasons,
      ...unfit.map(({ instanceType }) => `${instanceType}: SLURM called its nodes invalid`),
      ...(prefersOnDemand ? ['on-demand: EC2 took its spot instances back twice in a day'] : []),
    ],
    ...(prefersOnDemand ? { onDemandFirst: true } : {}),
  };
}
