import type { Money } from '../money/money.ts';
import type { Rate } from '../money/rate.ts';

// The rows of the ledger in core's words: one interface a table of reliability.md 1.1, its columns in
// camelCase, NULL as undefined. Times end in S (seconds, told by SLURM, EC2 or a person) or Us (our
// clock); Day is YYYYMMDD in the site zone.

export type TxnKind =
  | 'fund'
  | 'allocate'
  | 'lapse'
  | 'transfer'
  | 'hold'
  | 'extend'
  | 'split'
  | 'move'
  | 'charge'
  | 'release'
  | 'expire'
  | 'late'
  | 'adjust'
  | 'external'
  | 'reverse';

/** `award`, `external`, `fa_external` are owned by an award, `source` by 0, the others by a budget. */
export type LedgerAccountKind =
  | 'source'
  | 'award'
  | 'external'
  | 'fa_external'
  | 'free'
  | 'held'
  | 'spent'
  | 'fa_held'
  | 'fa_spent';

export type AccountStatus = 'active' | 'inactive' | 'suspended' | 'expired';

export interface AccountRow {
  readonly accountId: number;
  readonly name: string;
  readonly parentId?: number | undefined;
  readonly status: AccountStatus;
  readonly startS: number;
  readonly endS: number;
  /** What people read; the columns title and description are ours beside the fixed ones. */
  readonly title: string;
  readonly description: string;
  readonly createdUs: number;
  readonly updatedUs: number;
  /** Ours: the part of a grant's charges that is federal (budget.md 8.3); absent: 10000, all of it. */
  readonly federalShareE4?: number | undefined;
}

export interface SlurmNameRow {
  readonly name: string;
  /** 0: on every cluster; a cluster's own row wins. */
  readonly clusterId: number;
  readonly accountId: number;
}

export interface BudgetRow {
  readonly budgetId: number;
  readonly accountId: number;
  readonly awardId?: number | undefined;
  /** Order of draw, lowest first. */
  readonly rank: number;
  readonly basis: 'direct' | 'total';
  readonly closed: boolean;
}

export interface PartitionLimitRow {
  readonly accountId: number;
  readonly partition: string;
  readonly limit: Money;
}

export type HoldState = 'open' | 'charged' | 'released' | 'expired' | 'split';

export interface HoldRow {
  readonly holdId: number;
  readonly clusterId: number;
  readonly budgetId: number;
  /** 26 characters [0-9a-z]; of a task `<array token>.<task>`, of a further run `<token>.r<restart>`. */
  readonly token: string;
  readonly parentId?: number | undefined;
  /** Array tasks still under this hold; 0 when all were split off. */
  readonly tasks: number;
  readonly jobId?: number | undefined;
  /** -1: not an array task. */
  readonly arrayTask: number;
  readonly submitS?: number | undefined;
  readonly restart: number;
  readonly partition: string;
  readonly userName: string;
  readonly amount: Money;
  readonly fa: Money;
  readonly state: HoldState;
  readonly openedSeq: number;
  readonly endedSeq?: number | undefined;
  readonly expiresS: number;
  /** Ours beside the fixed columns: what the hold was priced on (JSON text of core/burst PricedJob), '' when by hand. */
  readonly pricing: string;
  /** Ours: how often it was moved to another partition or account (key `move:<token>:<moves>`). */
  readonly moves: number;
  readonly createdUs: number;
}

export type IntentState = 'planned' | 'sent' | 'done' | 'failed' | 'unknown';

/** One row is one launch call (burst.md 5.1). */
export interface IntentRow {
  readonly intentId: number;
  readonly clusterId: number;
  readonly holdId?: number | undefined;
  readonly purpose: 'job' | 'admin';
  readonly clientToken: string;
  /** JSON text of core/burst LaunchStep: everything needed to repeat the call identically. */
  readonly request: string;
  readonly want: number;
  readonly plannedUs: number;
  readonly sentUs?: number | undefined;
  readonly state: IntentState;
  /** Ours beside the fixed columns. */
  readonly attempt: number;
  readonly jobId?: number | undefined;
  /** Compressed nodelist of the nodes that this call launches. */
  readonly nodes: string;
  /** Error code of a failed or aborted intent, '' otherwise. */
  readonly code: string;
  /** True once the attempt was given up (burst.md 9.5 step 2). */
  readonly aborted: boolean;
}

/**
 * `terminating` with endS and endCause is over, but not yet paid for. Only
 * flows/steps/close-instances.ts writes `closed`, in the transaction that inserts the last usage row:
 * I13 wants a closed instance to be whole.
 */
export type InstanceState = 'pending' | 'bound' | 'ready' | 'terminating' | 'closed';

export interface InstanceRow {
  readonly instanceId: string;
  readonly intentId: number;
  readonly node: string;
  readonly launchS: number;
  readonly endS?: number | undefined;
  readonly state: InstanceState;
  readonly tagCluster?: string | undefined;
  readonly tagIntent?: number | undefined;
  readonly tagHold?: number | undefined;
  /** Ours beside the fixed columns. */
  readonly instanceType: string;
  readonly zone: string;
  readonly lifecycle: 'spot' | 'on-demand';
  readonly address: string;
  /** Price at launch: the price table's for on-demand, the spot price for spot. */
  readonly rate: Rate;
  /**
   * '' until EC2 itself told the end (endS is then at best the time of our terminate answer, and is
   * corrected by reconcile); then why it ended: core/burst/cost/interval.ts END_CAUSES.
   */
  readonly endCause: string;
  /** What each of its volumes costs a month (burst.md COST-8), as at its launch; absent: not reckoned. */
  readonly volumes?: readonly Money[] | undefined;
  /** Its own price is not known: the hold's, or the launch's, stands for it (COST-9). */
  readonly isPriceMissing?: boolean | undefined;
}

export interface UsageRow {
  readonly usageId: number;
  readonly instanceId: string;
  readonly fromS: number;
  readonly toS: number;
  readonly rate: Rate;
  readonly amount: Money;
  /** What the volumes cost meanwhile, beside `amount`; absent: nothing. */
  readonly volume?: Money | undefined;
}

export interface ShareRow {
  readonly usageId: number;
  readonly n: number;
  readonly budgetId?: number | undefined;
  readonly holdId?: number | undefined;
  readonly amount: Money;
  readonly txnSeq?: number | undefined;
  /** Its part of the segment's `volume`; absent: nothing. */
  readonly volume?: Money | undefined;
  /** The transaction that paid `volume`: one of its own (reliability.md I14). */
  readonly volumeSeq?: number | undefined;
}

/** A correction that waits for a second person (`budget.second_person_above`); nothing is posted yet. */
export interface ProposalRow {
  readonly proposalId: number;
  readonly atUs: number;
  /** Real uid of who proposed it. */
  readonly uid: number;
  /** The command. */
  readonly verb: string;
  /** JSON text of what it asks for. */
  readonly args: string;
  readonly approvedUs?: number | undefined;
  readonly approvedUid?: number | undefined;
  readonly approvedSeq?: number | undefined;
}
