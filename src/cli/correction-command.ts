import type { Correction } from '../../schema/output/correction.ts';
import { toDollars } from '../core/money/money.ts';
import type { Corrected } from '../flows/steps/ask-correction.ts';
import { AsbbCommand } from './base.ts';
import { blockText } from './table.ts';

/** What the commands that correct costs share: what they print. */
export abstract class CorrectionCommand extends AsbbCommand {
  protected corrected({ amount, seq, proposal, isDryRun }: Corrected): Correction {
    const transactionId = seq === undefined ? undefined : `txn_${seq}`;
    this.log(
      blockText(isDryRun ? 'Dry run: nothing was posted. It would be' : 'Correction', {
        'Transaction ID': transactionId,
        Proposal: proposal === undefined ? undefined : String(proposal),
        Amount: toDollars(amount),
        Status: proposal === undefined ? 'posted' : 'proposed: another person must approve it',
        Approve: proposal === undefined ? undefined : `asbb transactions approve ${proposal}`,
      }),
    );
    return {
      status: proposal === undefined ? 'posted' : 'proposed',
      transaction_id: transactionId,
      proposal,
      amount,
      ...(isDryRun && { dry_run: true }),
    };
  }
}
