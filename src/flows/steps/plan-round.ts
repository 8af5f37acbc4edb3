import type { Rung } from '../../core/burst/ladder.ts';
import { launchCall, placementGroupName } from '../../core/burst/launch-call.ts';
import {
  type PlanLaunch,
  type PlannedCall,
  type PlanOutcome,
  planLaunch,
  planQuery,
} from '../../core/burst/plan-launch.ts';
import type { RungSet } from '../../core/burst/rung-sets.ts';
import { sharesOf } from '../../core/burst/shares.ts';
import { clientToken } from '../../core/burst/tokens.ts';
import { volumeCosts } from '../../core/burst/volumes.ts';
import { isRefused, type Refused } from '../../core/errors.ts';
import type { IntentRow } from '../../core/ledger/rows.ts';
import type { BurstPorts } from './burst-ports.ts';
import type { GangWork, ReadyPart } from './gang-work.ts';
import type { LaunchFacts } from './launch-facts.ts';

/** One round of launch calls: each part with its rung and the nodes it still lacks. */
export interface Round {
  readonly work: GangWork;
  /** A part may stand here several times, with some of its nodes each. */
  readonly parts: readonly {
    readonly part: ReadyPart;
    readonly rung: Rung;
    readonly nodes: readonly string[];
  }[];
  readonly attempt: number;
  readonly round: number;
  readonly ownIntentIds: readonly number[];
}

export type PlannedRound =
  | { readonly kind: 'planned'; readonly intents: readonly IntentRow[] }
  | { readonly kind: Exclude<PlanOutcome, 'planned'> }
  | { readonly kind: 'ceiling'; readonly refusal: Refused };

export function callsOf(round: Pick<Round, 'parts'>, batchSize: number): number {
  return round.parts.reduce((sum, { nodes }) => sum + Math.ceil(nodes.length / batchSize), 0);
}

/** The calls of a round: each part by its rung. Undefined: not enough zones for one of them. */
export function partsOfRound(
  wanted: readonly ReadyPart[],
  set: RungSet,
): Round['parts'] | undefined {
  const parts: Round['parts'][number][] = [];
  for (const [at, part] of wanted.entries()) {
    const rung = set[at];
    if (rung !== undefined && part.nodes.length > 0) {
      const { recipe, group, nodes } = part;
      const shares = sharesOf({ recipe, api: group.api, rung, nodes });
      if (shares === undefined) {
        return undefined;
      }
      parts.push(...shares.map((share) => ({ part, ...share })));
    }
  }
  return parts;
}

/** What the transaction that writes the intents decides on. */
export function planOf(round: Round, facts: LaunchFacts, ports: BurstPorts): PlanLaunch {
  const { settings } = ports;
  return {
    cluster: settings.slurm.cluster_name,
    region: settings.aws.region,
    calls: plannedCalls(round, facts, ports),
    ceiling: settings.burst.ceiling,
    ownIntentIds: round.ownIntentIds,
  };
}

/** Writes the intents of the round; nothing has been asked of EC2 yet. */
export async function planRound(
  round: Round,
  facts: LaunchFacts,
  ports: BurstPorts,
): Promise<PlannedRound> {
  const { ledger } = ports;
  const ask = planOf(round, facts, ports);
  const { cluster } = ask;
  const args = {
    jobs: round.work.note.jobIds,
    nodes: round.work.note.nodes,
    attempt: round.attempt,
    round: round.round,
  };
  const answer = await ledger.decide(
    { scope: cluster, verb: 'resume planned', args },
    planQuery(ask),
    (view) => planLaunch(view, ask),
  );
  if (isRefused(answer)) {
    return { kind: 'ceiling', refusal: answer };
  }
  const { outcome, intentIds } = answer.answer;
  if (outcome !== 'planned') {
    return { kind: outcome };
  }
  const { fleet } = await ledger.read({ fleet: { intentIds } });
  return { kind: 'planned', intents: fleet.intents };
}

interface Batch {
  readonly share: Round['parts'][number];
  readonly nodes: readonly string[];
  /** Count of calls of the same part, and of nodes of the same share, before this one. */
  readonly batch: number;
  readonly before: number;
}

function plannedCalls(round: Round, facts: LaunchFacts, ports: BurstPorts): readonly PlannedCall[] {
  const size = ports.settings.burst.batch_size;
  const counts = new Map<string, number>();
  return round.parts.flatMap((share) => {
    const place = `${share.part.holdToken} ${share.part.nodeGroup}`;
    const first = counts.get(place) ?? 0;
    const count = Math.ceil(share.nodes.length / size);
    counts.set(place, first + count);
    return Array.from({ length: count }, (_, at) =>
      callOf(
        {
          share,
          nodes: share.nodes.slice(at * size, (at + 1) * size),
          batch: first + at,
          before: at * size,
        },
        round,
        facts,
        ports,
      ),
    );
  });
}

function callOf(
  { share: { part, rung }, nodes, batch, before }: Batch,
  { work, attempt, round }: Round,
  facts: LaunchFacts,
  { settings, hash }: BurstPorts,
): PlannedCall {
  const cluster = settings.slurm.cluster_name;
  const [jobId = 0] = work.note.jobIds;
  const callFacts = {
    group: part.group,
    nodeGroup: part.nodeGroup,
    recipe: part.recipe,
    spotPrices: facts.spotPrices,
    placementGroup: placementGroupName(cluster, jobId, attempt, round),
    gang: work.note,
    resumeFile: work.resumeFile,
    volumes: volumeCosts(part.recipe.template.volumes, settings.cost),
  };
  const place = {
    cluster,
    holdToken: part.holdToken,
    attempt,
    rung: round,
    batch,
    nodeGroup: part.nodeGroup,
  };
  return {
    holdId: part.holdId,
    payerIds: part.payers.map(({ hold }) => hold.holdId),
    jobId: part.jobId,
    account: part.account,
    partition: part.partition,
    ownTags: [...part.group.tags, ...part.recipe.tags],
    nodes,
    attempt,
    step: launchCall(
      rung,
      {
        clientToken: clientToken(place, (text) => hash.sha256(text)),
        count: nodes.length,
        before,
        rung: round,
        batch,
      },
      callFacts,
    ),
  };
}
