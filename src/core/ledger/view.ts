import type { AlertSelector, AlertsView } from '../alerts/view.ts';
import type { LearningSelector, LearningView } from '../estimate/records.ts';
import type { AwardSelector, AwardsView, BudgetAward } from '../grant/view.ts';
import type { Money } from '../money/money.ts';
import type { ScheduleFigures, ScheduleSelector } from '../schedule/view.ts';
import type { Txn } from './change.ts';
import type {
  AccountRow,
  BudgetRow,
  HoldRow,
  InstanceRow,
  IntentRow,
  PartitionLimitRow,
  ProposalRow,
  ShareRow,
  SlurmNameRow,
  UsageRow,
} from './rows.ts';

// What a decision may see, loaded inside the write transaction before it runs. A query names the
// parts; parts that were not asked for are empty.

export interface HoldSelector {
  readonly tokens?: readonly string[];
  readonly holdIds?: readonly number[];
  /** All holds, of any state, bound to these job ids on this cluster (array id for tasks). */
  readonly jobIds?: readonly number[];
  /** All open holds of the cluster; with `expiresBeforeS` only those whose life is over. */
  readonly open?: { readonly expiresBeforeS?: number };
  /** Adds the children of the holds found. */
  readonly children?: boolean;
  /** Fills `View.owners`: who pays for the holds found. Needed by whatever moves money of a hold. */
  readonly owners?: boolean;
  /** Fills `View.charges`: what the holds found were charged. Needed by endings, late and adjust. */
  readonly charges?: boolean;
}

export interface FleetSelector {
  readonly intentIds?: readonly number[];
  readonly clientTokens?: readonly string[];
  readonly holdIds?: readonly number[];
  /** Open intents (planned, sent, unknown) and all instances not closed. */
  readonly open?: boolean;
  /** Open intents (planned, sent, unknown) with their instances: calls under way. */
  readonly begun?: boolean;
  readonly instanceIds?: readonly string[];
  /** Instances not closed on these nodes, newest intent last. */
  readonly nodes?: readonly string[];
  /** Instances of which these holds pay a share, whoever launched them. No index: for reports. */
  readonly paidByHolds?: readonly number[];
  /** Adds usage and share rows of the instances found. */
  readonly usage?: boolean;
  /** Adds the unsettled shares of these holds, or of all, with their usage rows (not their instances). */
  readonly openShares?: readonly number[] | 'all';
}

export interface Query {
  /** Who would pay for a job: by the SLURM account name; the cluster's own row wins. */
  readonly payer?: {
    readonly slurmAccount: string;
    readonly userName?: string;
    /** `grant_management.enforce_period_budget`: a new hold must also fit the grant's current period. */
    readonly periods?: boolean;
  };
  /** By our own account name; their ancestors come too. */
  readonly accounts?: readonly string[];
  /** Fills `View.spentInPartition`: what the account has spent there, with a limit or without. */
  readonly partitionUse?: { readonly account: string; readonly partition: string } | undefined;
  /** Every account (`View.accounts`); for `maintain` and the check of a tree. */
  readonly allAccounts?: boolean;
  /** Who has these SLURM names, on any cluster (`View.slurmNames`). */
  readonly slurmNames?: readonly string[];
  readonly holds?: HoldSelector;
  readonly fleet?: FleetSelector;
  /** Small values kept between runs (breakers, counters, last run times). */
  readonly notes?: readonly string[];
  /** Fills `View.learning`. */
  readonly learning?: LearningSelector;
  /** Fills `View.awards`. */
  readonly awards?: AwardSelector;
  /** Fills `View.schedules`. */
  readonly schedules?: ScheduleSelector;
  /** Fills `View.txns`: these transactions with their lines. */
  readonly txns?: readonly number[];
  /** Fills `View.proposals`; with `next` the id of a new one. `waiting`: those that nobody approved. */
  readonly proposals?: readonly number[] | 'waiting' | 'all';
  /** Fills `View.alerts`. */
  readonly alerts?: AlertSelector;
}

/** With basis total, held and spent include fa_held and fa_spent. */
export interface BudgetFigures {
  readonly budget: BudgetRow;
  readonly free: Money;
  readonly held: Money;
  readonly spent: Money;
  /** Of a budget on a grant. */
  readonly award?: BudgetAward | undefined;
}

export interface PartitionFigures {
  readonly limit: PartitionLimitRow;
  readonly held: Money;
  readonly spent: Money;
}

/** The money of an account: all that a payment looks at. */
export interface AccountMoney {
  readonly account: AccountRow;
  /** In order of draw. */
  readonly budgets: readonly BudgetFigures[];
  readonly partitions: readonly PartitionFigures[];
  /** Sums over all descendants. */
  readonly belowHeld: Money;
  readonly belowSpent: Money;
}

export interface AccountFigures extends AccountMoney {
  readonly slurmNames: readonly SlurmNameRow[];
  readonly childNames: readonly string[];
  /** Levels of accounts below this one; 0 has no children. */
  readonly height: number;
  readonly openHoldCount: number;
  /** True when any transaction touched one of its budgets, or an alert or a deadline names it. */
  readonly hasHistory: boolean;
}

export interface PayerView {
  readonly account: AccountMoney;
  /** Parent first, root last. */
  readonly ancestors: readonly AccountMoney[];
  /** Open holds of this user on this cluster; an array counts once. */
  readonly userOpenHoldCount: number;
  /** With `payer`: the account's first and last day (YYYYMMDD) in the site zone. */
  readonly days?: { readonly first: number; readonly last: number } | undefined;
}

/** One `charge` or `late` transaction of a hold, with what was adjusted since. */
export interface ChargeFigures {
  readonly seq: number;
  readonly kind: 'charge' | 'late';
  readonly holdId: number;
  readonly budgetId: number;
  readonly partition: string;
  readonly effectiveS: number;
  readonly day: number;
  /** Charge plus its adjusts. */
  readonly amount: Money;
  readonly adjustCount: number;
  /** Federal part of it, 0 to 9999, as it was when it was charged; absent: wholly federal. */
  readonly federalShareE4?: number | undefined;
  /** True when it settled segments; false: an amount by hand or from a file. */
  readonly hasShares: boolean;
}

export interface FleetView {
  readonly intents: readonly IntentRow[];
  readonly instances: readonly InstanceRow[];
  readonly usage: readonly UsageRow[];
  readonly shares: readonly ShareRow[];
}

export interface NextIds {
  readonly seq: number;
  readonly accountId: number;
  readonly budgetId: number;
  readonly holdId: number;
  readonly intentId: number;
  readonly usageId: number;
  readonly scheduleId: number;
  readonly proposalId: number;
}

/** A transaction as it was posted. */
export interface TxnFigures extends Omit<Txn, 'key' | 'scope'> {
  readonly seq: number;
  /** The transaction that took it back. */
  readonly reversedBy?: number | undefined;
}

export interface View {
  /** Our clock at the begin of the transaction. */
  readonly nowUs: number;
  readonly nowS: number;
  /** YYYYMMDD of now in the site zone. */
  readonly today: number;
  /** `grant_management.liquidation_days`, where the ledger was told. */
  readonly liquidationDays?: number | undefined;
  readonly clusterId: number;
  readonly clusterName: string;
  readonly payer?: PayerView | undefined;
  /** Those of `accounts` that exist, and all their ancestors. */
  readonly accounts: readonly AccountFigures[];
  readonly slurmNames: readonly SlurmNameRow[];
  readonly holds: readonly HoldRow[];
  /** With `holds.owners`: the account of each hold's budget once (userOpenHoldCount is 0 here). */
  readonly owners: readonly PayerView[];
  /** With `holds.charges`: oldest first. */
  readonly charges: readonly ChargeFigures[];
  readonly fleet: FleetView;
  readonly notes: Readonly<Record<string, string>>;
  /** With `learning`. */
  readonly learning?: LearningView | undefined;
  /** With `awards`. */
  readonly awards?: AwardsView | undefined;
  /** With `schedules`, by id. */
  readonly schedules?: readonly ScheduleFigures[] | undefined;
  /** With `txns`. */
  readonly txns?: readonly TxnFigures[] | undefined;
  /** With `partitionUse`. */
  readonly spentInPartition?: Money | undefined;
  /** With `proposals`. */
  readonly proposals?: readonly ProposalRow[] | undefined;
  /** With `alerts`. */
  readonly alerts?: AlertsView | undefined;
  readonly next: NextIds;
}
