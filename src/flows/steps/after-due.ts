import { isRefused, type Refused } from '../../core/errors.ts';
import { processAllocations } from './process-allocations.ts';
import { type DuePorts, isAutomatic } from './process-due.ts';

/**
 * A hold that is refused for lack of money is asked for once more after the due allocations of the
 * account and of those above it were posted, so a missed cron never refuses a job wrongly
 * (budget.md 6.3). A hold that fits pays nothing for this.
 */
export async function afterDue<A>(
  ports: Omit<DuePorts, 'clock'>,
  slurmAccount: string,
  decide: () => Promise<A | Refused>,
): Promise<A | Refused> {
  const first = await decide();
  if (!(isRefused(first) && first.code === 'INSUFFICIENT_BUDGET' && isAutomatic(ports))) {
    return first;
  }
  const { payer } = await ports.ledger.read({ payer: { slurmAccount } });
  const accounts = [payer?.account, ...(payer?.ancestors ?? [])].flatMap((figures) =>
    figures === undefined ? [] : [figures.account.name],
  );
  const zone = ports.settings.site.timezone;
  const { allocations } = await processAllocations(
    { verb: 'submit', accounts },
    { ...ports, zone },
  );
  return allocations.length > 0 ? await decide() : first;
}
