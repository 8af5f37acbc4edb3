import type { AlertChange } from '../alerts/view.ts';
import type { LearningChange } from '../estimate/records.ts';
import type { AwardLedgerChange } from '../grant/view.ts';
import type { Json } from '../json.ts';
import type { Money } from '../money/money.ts';
import type { ScheduleLedgerChange } from '../schedule/view.ts';
import type {
  AccountRow,
  BudgetRow,
  HoldRow,
  InstanceRow,
  IntentRow,
  LedgerAccountKind,
  PartitionLimitRow,
  ProposalRow,
  ShareRow,
  SlurmNameRow,
  TxnKind,
  UsageRow,
} from './rows.ts';

/** One line of a transaction; the lines of one add up to zero. */
export interface Line {
  readonly kind: LedgerAccountKind;
  /** 0 of source; award id of award, external, fa_external; else budget id. */
  readonly ownerId: number;
  readonly amount: Money;
  /** Set on every held and fa_held line. */
  readonly holdId?: number | undefined;
  /** Set on held, spent, fa_held, fa_spent lines where known. */
  readonly partition?: string | undefined;
}

export interface Txn {
  readonly kind: TxnKind;
  readonly cause?: string | undefined;
  /** 1: real cost above what was free; 2: permitted by choice. */
  readonly over?: 0 | 1 | 2 | undefined;
  readonly effectiveS: number;
  readonly day: number;
  readonly clusterId?: number | undefined;
  readonly holdId?: number | undefined;
  readonly parent?: number | undefined;
  readonly reverses?: number | undefined;
  /** Its own idempotency key where it is not the request's (`end:<token>`, `split:…`). */
  readonly key?: string | undefined;
  /** Of its own key, where it is not the request's: `site` for what names a seq or a schedule. */
  readonly scope?: 'site' | undefined;
  readonly lines: readonly Line[];
}

/**
 * What a decision does to the ledger. The nth `post` of a decision gets seq = view.next.seq + n,
 * so rows may name it (openedSeq, endedSeq, txnSeq). `put` inserts the row or replaces the one with
 * its primary key; usage and share rows are only inserted, but for share.txnSeq
 * (settleShare) and share.volumeSeq (settleVolumes).
 * A `putAccount` that changes parentId rewrites `below` of the old and the new ancestors.
 */
export type Change =
  | { readonly change: 'post'; readonly txn: Txn }
  | { readonly change: 'putAccount'; readonly row: AccountRow }
  /** Erases an account that no transaction ever touched, with its budgets, names and limits. */
  | { readonly change: 'removeAccount'; readonly accountId: number }
  | { readonly change: 'putSlurmName'; readonly row: SlurmNameRow }
  | { readonly change: 'removeSlurmName'; readonly name: string; readonly clusterId: number }
  | { readonly change: 'putBudget'; readonly row: BudgetRow }
  | { readonly change: 'putPartitionLimit'; readonly row: PartitionLimitRow }
  | {
      readonly change: 'removePartitionLimit';
      readonly accountId: number;
      readonly partition: string;
    }
  | { readonly change: 'putHold'; readonly row: HoldRow }
  | LearningChange
  | { readonly change: 'putIntent'; readonly row: IntentRow }
  | { readonly change: 'putInstance'; readonly row: InstanceRow }
  | { readonly change: 'insertUsage'; readonly row: UsageRow }
  | { readonly change: 'insertShare'; readonly row: ShareRow }
  | {
      readonly change: 'settleShare';
      readonly usageId: number;
      readonly n: number;
      readonly txnSeq: number;
    }
  | {
      readonly change: 'settleVolumes';
      readonly usageId: number;
      readonly n: number;
      readonly txnSeq: number;
    }
  | { readonly change: 'putNote'; readonly name: string; readonly value: string }
  | AlertChange
  | AwardLedgerChange
  | ScheduleLedgerChange
  | { readonly change: 'putProposal'; readonly row: ProposalRow };

/** `answer` is stored with the idempotency key and comes back when the request is repeated. */
export interface Decision<A extends Json = Json> {
  readonly changes: readonly Change[];
  readonly answer: A;
}
