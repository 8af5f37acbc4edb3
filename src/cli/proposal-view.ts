import type { Proposal } from '../../schema/output/correction.ts';
import { momentText } from '../core/grant/calendar.ts';
import { toDollars } from '../core/money/money.ts';
import type { ProposalSeen } from '../flows/proposals.ts';
import type { Column } from './table.ts';
import { dateIn } from './times.ts';

function status({ row }: ProposalSeen): Proposal['status'] {
  return row.approvedSeq === undefined ? 'waiting' : 'approved';
}

export function proposalJson(seen: ProposalSeen): Proposal {
  const { row, account, job, target, partition, amount, reason, metadata } = seen;
  return {
    proposal: row.proposalId,
    status: status(seen),
    command: row.verb,
    account,
    job_id: job,
    target_transaction_id: target,
    partition,
    amount,
    reason,
    metadata,
    proposed_at: momentText(row.atUs),
    proposed_by_uid: row.uid,
    approved_at: row.approvedUs === undefined ? undefined : momentText(row.approvedUs),
    approved_by_uid: row.approvedUid,
    transaction_id: row.approvedSeq === undefined ? undefined : `txn_${row.approvedSeq}`,
  };
}

/** What it is about: the account, the job, or the charge. */
function about({ account, job, target }: ProposalSeen): string {
  return job ?? account ?? target ?? '';
}

/** The day is that of the site zone. */
export function proposalColumns(
  zone: string,
  { all }: { readonly all: boolean },
): readonly Column<ProposalSeen>[] {
  return [
    { title: 'ID', cell: ({ row }) => String(row.proposalId), align: 'right' },
    { title: 'COMMAND', cell: ({ row }) => row.verb },
    { title: 'OF', cell: about, least: 6 },
    { title: 'AMOUNT', cell: ({ amount }) => toDollars(amount), align: 'right' },
    { title: 'BY UID', cell: ({ row }) => String(row.uid), align: 'right' },
    { title: 'PROPOSED', cell: ({ row }) => dateIn(row.atUs, zone) },
    ...(all ? [{ title: 'STATUS', cell: status }] : []),
    { title: 'REASON', cell: ({ reason, metadata }) => reason ?? metadata ?? '', least: 4 },
  ];
}
