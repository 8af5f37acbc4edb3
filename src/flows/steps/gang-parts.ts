import type { AbortCause } from '../../core/burst/aborts.ts';
import { brokenBy } from '../../core/burst/broken-groups.ts';
import { byPlace, groupName, type NodePlace } from '../../core/burst/node-names.ts';
import { poolToken } from '../../core/burst/tokens.ts';
import type { HoldRow } from '../../core/ledger/rows.ts';
import { compressNodelist } from '../../core/slurm/nodelist.ts';
import type { BurstPorts } from './burst-ports.ts';
import type { Payer } from './cover-rung.ts';
import type { GangPart, ReadyPart } from './gang-work.ts';
import { groupConfig } from './group-config.ts';
import { isCause, type LaunchFacts } from './launch-facts.ts';
import { learnedRecipe } from './learned-recipe.ts';
import { partRecipe } from './part-recipe.ts';

/** A payer with the nodes that it owns of this resume. */
export interface OwnedNodes {
  readonly payer: Payer;
  readonly nodes: readonly NodePlace[];
}

/**
 * One part a hold and node group. Several one-node tasks of one array are one part under the array's
 * hold, since the tags of a call are the same for all its instances (GANG-1).
 */
export function gangParts(owned: readonly OwnedNodes[], isBatch: boolean): readonly GangPart[] {
  const keyed = Map.groupBy(owned, ({ payer: { hold } }) =>
    isBatch && hold.parentId !== undefined ? `array ${hold.parentId}` : `hold ${hold.holdId}`,
  );
  return [...keyed.values()].flatMap((members) => {
    const [first] = members;
    const nodes = members.flatMap((each) => each.nodes);
    return first === undefined ? [] : partsOf(first.payer, members, nodes);
  });
}

function partsOf(
  lead: Payer,
  members: readonly OwnedNodes[],
  nodes: readonly NodePlace[],
): readonly GangPart[] {
  const { job, hold } = lead;
  const isArray = members.length > 1;
  const whose = isArray ? arrayOf(hold) : { holdId: hold.holdId, holdToken: hold.token };
  const groups = Map.groupBy(nodes.toSorted(byPlace), groupName);
  return [...groups].flatMap(([nodeGroup, places]) => {
    const [place] = places;
    return place === undefined
      ? []
      : [
          {
            group: place.group,
            nodeGroup,
            partition: place.partition,
            account: job.account,
            nodes: places.map(({ node }) => node),
            jobId: job.arrayJobId ?? job.jobId,
            ...whose,
            payers: members.map(({ payer }) => payer),
          },
        ];
  });
}

const TASK_SUFFIX = /\..*$/;

function arrayOf(task: HoldRow): { readonly holdId: number; readonly holdToken: string } {
  return {
    holdId: task.parentId ?? task.holdId,
    holdToken: task.token.replace(TASK_SUFFIX, ''),
  };
}

/** Nodes that no job asked for, under the site's own account (SL-3). */
export function poolParts(places: readonly NodePlace[], account: string): readonly GangPart[] {
  const groups = Map.groupBy(places.toSorted(byPlace), groupName);
  return [...groups].flatMap(([nodeGroup, members]) => {
    const [place] = members;
    const nodes = members.map(({ node }) => node);
    return place === undefined
      ? []
      : [
          {
            group: place.group,
            nodeGroup,
            partition: place.partition,
            account,
            nodes,
            holdToken: poolToken(compressNodelist(nodes)),
            payers: [],
          },
        ];
  });
}

/** The parts with what is known of their groups; a cause when one of them cannot be launched now. */
export async function readyParts(
  parts: readonly GangPart[],
  facts: LaunchFacts,
  ports: BurstPorts,
): Promise<readonly ReadyPart[] | AbortCause> {
  const ready: ReadyPart[] = [];
  for (const part of parts) {
    const known = facts.groups.get(part.nodeGroup);
    if (known === undefined || isCause(known)) {
      return known ?? { code: 'NoGroup', as: 'plan', sentence: `no node group ${part.nodeGroup}` };
    }
    const config = groupConfig(part, known.template, ports);
    const broken = brokenBy(facts.broken, part.nodeGroup, config);
    if (broken !== undefined) {
      return {
        code: broken,
        as: 'request',
        sentence: `node group ${part.nodeGroup} is marked broken until its configuration changes`,
      };
    }
    const recipe = await partRecipe(part, known, facts, ports);
    if (isCause(recipe)) {
      return recipe;
    }
    ready.push({ ...part, recipe: learnedRecipe(part, recipe, facts, ports) });
  }
  return ready;
}
