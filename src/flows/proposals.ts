import { type AmendArgs, amendStoryOf } from '../core/ledger/amend-story.ts';
import type { ProposalRow } from '../core/ledger/rows.ts';
import { type Money, negate, parseAmount, ZERO } from '../core/money/money.ts';
import type { Ledger } from '../ports/ledger.ts';

/** What a proposal asks for, in the words of the command that made it. */
export interface ProposalSeen {
  readonly row: ProposalRow;
  readonly account: string | undefined;
  readonly job: string | undefined;
  readonly partition: string | undefined;
  /** Transaction id of what would be corrected; undefined: an account as a whole. */
  readonly target: string | undefined;
  /** Signed: what would be added to what was used. */
  readonly amount: Money;
  readonly reason: string | undefined;
  readonly metadata: string | undefined;
}

interface Kept extends Partial<AmendArgs> {
  readonly seq?: number;
  readonly amount: string;
  readonly partition?: string;
  readonly reason?: string;
}

/** Text that says nothing is not shown. */
function some(text: string | undefined): string | undefined {
  return text === '' ? undefined : text;
}

function targetOf(id: string | number | undefined): string | undefined {
  return id === undefined ? undefined : `txn_${id}`;
}

function seen(row: ProposalRow): ProposalSeen {
  const { seq, amount, account, job, partition, reason, cost } = JSON.parse(row.args) as Kept; // our own
  const story = cost && amendStoryOf({ cost });
  const asked = parseAmount(amount, true) ?? ZERO;
  return {
    row,
    account: some(account),
    job: some(job),
    partition: some(partition),
    target: targetOf(story?.token ?? seq),
    amount: row.verb === 'transactions refund' ? negate(asked) : asked,
    reason: some(reason),
    metadata: some(story?.metadata),
  };
}

/** `transactions proposals`: what waits for a second person, oldest first; with `all` what was approved too. */
export async function listProposals(
  { all }: { readonly all: boolean },
  { ledger }: { readonly ledger: Pick<Ledger, 'read'> },
): Promise<readonly ProposalSeen[]> {
  const { proposals = [] } = await ledger.read({ proposals: all ? 'all' : 'waiting' });
  return proposals.map(seen);
}
