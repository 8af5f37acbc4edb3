import { isRefused, type Refused, refused } from '../../core/errors.ts';
import type { Reports } from '../../ports/reports.ts';
import { showTransaction } from '../transactions-show.ts';

const PREFIX = 'txn_';

/** The token of the hold that a transaction id names. NOT_FOUND; VALIDATION_ERROR when it is no hold. */
export async function holdToken(id: string, reports: Reports): Promise<string | Refused> {
  const found = await showTransaction(id, { reports });
  if (isRefused(found)) {
    return found;
  }
  const { row } = found;
  return row.type === 'hold'
    ? row.transactionId.slice(PREFIX.length)
    : refused('VALIDATION_ERROR', 'Transaction is not a hold transaction', {
        advice: 'see asbb transactions list --type hold',
        fields: { field: 'transaction_id', type: row.type },
      });
}
