import type { GangNote } from '../../core/burst/launch.ts';
import type { Recipe } from '../../core/burst/recipe.ts';
import type { NodeGroupSettings } from '../../core/config/settings.ts';
import type { Payer } from './cover-rung.ts';

/** The nodes of one hold in one node group: launched by calls of their own. */
export interface GangPart {
  readonly group: NodeGroupSettings;
  /** `PARTITION-GROUP`. */
  readonly nodeGroup: string;
  readonly partition: string;
  readonly account: string;
  /** In order of index. */
  readonly nodes: readonly string[];
  /** Of tags and intent: for a batch of an array's tasks the array's own. */
  readonly jobId?: number | undefined;
  readonly holdId?: number | undefined;
  /** Of the client token; `pool:…` for nodes without a job. */
  readonly holdToken: string;
  /** Whose holds must cover the rung; none for nodes without a job. */
  readonly payers: readonly Payer[];
}

/** A gang that is to be launched, or what is left of it. */
export interface GangWork {
  readonly note: GangNote;
  readonly parts: readonly GangPart[];
  readonly attempt: number;
  /** First free count of rounds in this attempt. */
  readonly round: number;
  /** Of this attempt, begun before. */
  readonly ownIntentIds: readonly number[];
  /** Zone of members that are up already. */
  readonly zone?: string | undefined;
  readonly resumeFile: string;
}

/** A part with how it is to be launched. */
export interface ReadyPart extends GangPart {
  readonly recipe: Recipe;
}

/** As the plan has it: nodes that no job waits for may be a gang all the same (burst.md 3.2). */
export function plannedNote(note: GangNote, parts: readonly ReadyPart[]): GangNote {
  const isWhole = note.jobIds.length < 2 && parts.some(({ recipe }) => recipe.isWhole === true);
  return isWhole ? { ...note, rule: 'all' } : note;
}

/** The same part without a placement group that is only a wish; itself when there is none. */
export function withoutGroup(part: ReadyPart): ReadyPart {
  const { recipe } = part;
  return recipe.grouping.strategy !== undefined && recipe.grouping.isOptional === true
    ? { ...part, recipe: { ...recipe, grouping: DROPPED } }
    : part;
}

const DROPPED = { strategy: undefined, reason: 'no room in a placement group: launched without' };

/** Node and the instance that is to become it. */
export interface Member {
  readonly node: string;
  readonly instanceId: string;
  readonly intentId: number;
}
