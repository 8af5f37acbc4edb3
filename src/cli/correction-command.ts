import { Args, Flags } from '@oclif/core';
import type { Correction } from '../../schema/output/correction.ts';
import { toDollars } from '../core/money/money.ts';
import type { Corrected } from '../flows/steps/ask-correction.ts';
import { AsbbCommand } from './base.ts';
import { changeFlags } from './flags.ts';
import { blockText } from './table.ts';

/** The charge that is corrected. */
export const chargeArg = Args.string({
  required: true,
  description: 'Transaction id of the charge.',
});

/** What adjusting and refunding ask beside the amount. */
export const correctionFlags = {
  reason: Flags.string({ summary: 'Why; it is kept with the transaction.', required: true }),
  second: Flags.string({
    summary: 'Approve this proposal of the same.',
    helpValue: '<proposal>',
  }),
  ...changeFlags,
};

/** What the commands that correct costs share: what they print. */
export abstract class CorrectionCommand extends AsbbCommand {
  protected corrected({ amount, seq, proposal, overdrawn, isDryRun }: Corrected): Correction {
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
    if (overdrawn !== undefined) {
      this.note(`${overdrawn} has less than nothing left (asbb account show ${overdrawn})`);
    }
    return {
      status: proposal === undefined ? 'posted' : 'proposed',
      transaction_id: transactionId,
      proposal,
      amount,
      ...(isDryRun && { dry_run: true }),
    };
  }
}
