import { type Refused, refused } from '../errors.ts';
import { canonical, type Json, type JsonObject } from '../json.ts';
import { absolute, exceeds, type Money } from '../money/money.ts';
import type { Decision } from './change.ts';
import type { ProposalRow } from './rows.ts';
import type { View } from './view.ts';

// Two persons for large corrections (budget.md 2.5): the first proposes, another real uid approves.

/** Who asks, and from what sum on another person must agree. */
export interface SecondPerson {
  readonly uid: number;
  /** `budget.second_person_above`; absent: nobody else is asked. */
  readonly threshold?: Money | undefined;
  /** The proposal that this act carries out. */
  readonly approved?: ProposalRow | undefined;
}

/** Either a transaction was posted, or a proposal was made. */
export interface CorrectionAnswer extends JsonObject {
  readonly seq: number | null;
  readonly proposal: number | null;
  /** Signed dollars as text: what is added to what was used. */
  readonly amount: string;
  /** The account whose budget has less than nothing free after it. */
  readonly overdrawn?: string;
}

export function needsSecond(amount: Money, { threshold, approved }: SecondPerson): boolean {
  return approved === undefined && threshold !== undefined && exceeds(absolute(amount), threshold);
}

export interface Proposal {
  readonly verb: string;
  readonly args: { readonly [name: string]: Json };
  readonly amount: string;
}

function isSame(row: ProposalRow, other: Pick<ProposalRow, 'uid' | 'verb' | 'args'>): boolean {
  const isWaiting = row.approvedSeq === undefined;
  return isWaiting && row.uid === other.uid && row.verb === other.verb && row.args === other.args;
}

/**
 * A row that waits; nothing is posted. The same asked for again by the same person is the one that waits
 * already. Query: proposals that wait.
 */
export function propose(
  view: View,
  { uid }: SecondPerson,
  { verb, args, amount }: Proposal,
): Decision<CorrectionAnswer> {
  const row = {
    proposalId: view.next.proposalId,
    atUs: view.nowUs,
    uid,
    verb,
    args: canonical(args),
  };
  const waiting = view.proposals?.find((each) => isSame(each, row));
  const { proposalId } = waiting ?? row;
  return {
    changes: waiting === undefined ? [{ change: 'putProposal', row }] : [],
    answer: { seq: null, proposal: proposalId, amount },
  };
}

/** The correction of an approved proposal, with the proposal closed in the same transaction. */
export function carriedOut(
  view: View,
  decision: Decision<CorrectionAnswer>,
  { uid, approved }: SecondPerson,
): Decision<CorrectionAnswer> {
  return approved === undefined
    ? decision
    : {
        ...decision,
        changes: [
          ...decision.changes,
          {
            change: 'putProposal',
            row: {
              ...approved,
              approvedUs: view.nowUs,
              approvedUid: uid,
              approvedSeq: decision.answer.seq ?? view.next.seq,
            },
          },
        ],
      };
}

/** May this person approve it? NOT_FOUND, DUPLICATE (done before), FORBIDDEN (the same person). */
export function approvable(view: View, proposalId: number, uid: number): ProposalRow | Refused {
  const row = view.proposals?.find((each) => each.proposalId === proposalId);
  const fields = { proposal: String(proposalId) };
  if (row === undefined) {
    return refused('NOT_FOUND', `Proposal ${proposalId} not found`, {
      advice: 'see asbb transactions proposals',
      fields,
    });
  }
  if (row.approvedSeq !== undefined) {
    return refused('DUPLICATE', `proposal ${proposalId} was approved already`, {
      advice: `see asbb transactions show txn_${row.approvedSeq}`,
      fields,
    });
  }
  return row.uid === uid
    ? refused('FORBIDDEN', `proposal ${proposalId} is your own: another person must approve it`, {
        advice: 'ask a colleague to run this command',
        fields,
      })
    : row;
}
