import type { Rung } from '../../core/burst/ladder.ts';
import { launchCall, placementGroupName } from '../../core/burst/launch-call.ts';
import { type PlannedCall, planLaunch, planQuery } from '../../core/burst/plan-launch.ts';
import { clientToken } from '../../core/burst/tokens.ts';
import { isRefused, type Refused } from '../../core/errors.ts';
import type { IntentRow } from '../../core/ledger/rows.ts';
import type { BurstPorts } from './burst-ports.ts';
import type { GangWork, ReadyPart } from './gang-work.ts';
import type { LaunchFacts } from './launch-facts.ts';

/** One round of launch calls: each part with its rung and the nodes it still lacks. */
export interface Round {
  readonly work: GangWork;
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
  | { readonly kind: 'taken' | 'collides' | 'broken' }
  | { readonly kind: 'ceiling'; readonly refusal: Refused };

export function callsOf(round: Pick<Round, 'parts'>, batchSize: number): number {
  return round.parts.reduce((sum, { nodes }) => sum + Math.ceil(nodes.length / batchSize), 0);
}

/** Writes the intents of the round; nothing has been asked of EC2 yet. */
export async function planRound(
  round: Round,
  facts: LaunchFacts,
  ports: BurstPorts,
): Promise<PlannedRound> {
  const { settings, ledger } = ports;
  const cluster = settings.slurm.cluster_name;
  const ask = {
    cluster,
    region: settings.aws.region,
    calls: round.parts.flatMap((each) => batchesOf(each, round, facts, ports)),
    ceiling: settings.burst.ceiling,
    ownIntentIds: round.ownIntentIds,
  };
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

function batchesOf(
  { part, rung, nodes }: Round['parts'][number],
  { work, attempt, round }: Round,
  facts: LaunchFacts,
  { settings, hash }: BurstPorts,
): readonly PlannedCall[] {
  const cluster = settings.slurm.cluster_name;
  const size = settings.burst.batch_size;
  const batches = Array.from({ length: Math.ceil(nodes.length / size) }, (_, at) =>
    nodes.slice(at * size, (at + 1) * size),
  );
  const [jobId = 0] = work.note.jobIds;
  const callFacts = {
    group: part.group,
    nodeGroup: part.nodeGroup,
    recipe: part.recipe,
    spotPrices: facts.spotPrices,
    placementGroup: placementGroupName(cluster, jobId, attempt, round),
    gang: work.note,
    resumeFile: work.resumeFile,
  };
  return batches.map((batchNodes, batch) => {
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
      jobId: part.jobId,
      account: part.account,
      partition: part.partition,
      ownTags: [...part.group.tags, ...part.recipe.tags],
      nodes: batchNodes,
      attempt,
      step: launchCall(
        rung,
        {
          clientToken: clientToken(place, (text) => hash.sha256(text)),
          count: batchNodes.length,
          rung: round,
          batch,
        },
        callFacts,
      ),
    };
  });
}
