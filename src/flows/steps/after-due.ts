import { isRefused, type Refused } from '../../core/errors.ts';
import type { PayerView, View } from '../../core/ledger/view.ts';
import type { DuePorts } from './process-due.ts';

type Ports = Omit<DuePorts, 'clock'>;

/** True when the site wants allocations to be posted without being asked for each. */
export function isAutomatic({ settings }: Pick<DuePorts, 'settings'>): boolean {
  return settings.allocations.auto_process && settings.integration.allocation_scheduling_enabled;
}

function isShortOfMoney(answer: unknown): boolean {
  return isRefused(answer) && answer.code === 'INSUFFICIENT_BUDGET';
}

function namesOf(payer: PayerView | undefined): readonly string[] {
  return [payer?.account, ...(payer?.ancestors ?? [])].flatMap((figures) =>
    figures === undefined ? [] : [figures.account.name],
  );
}

/**
 * A hold that is refused for lack of money is asked for once more after the due allocations of the
 * account and of those above it were posted, so a missed cron never refuses a job wrongly
 * (budget.md 6.3). A hold that fits pays nothing for this. `isShort`: where want of money is an answer.
 */
export async function afterDue<A>(
  ports: Ports,
  slurmAccount: string,
  decide: () => Promise<A | Refused>,
  isShort: (answer: A | Refused) => boolean = isShortOfMoney,
): Promise<A | Refused> {
  const first = await decide();
  if (!(isShort(first) && isAutomatic(ports))) {
    return first;
  }
  const { payer } = await ports.ledger.read({ payer: { slurmAccount } });
  const zone = ports.settings.site.timezone;
  const { processAllocations } = await import('./process-allocations.ts'); // not of the first bundle
  const { allocations } = await processAllocations(
    { verb: 'submit', accounts: namesOf(payer) },
    { ...ports, zone },
  );
  return allocations.length > 0 ? await decide() : first;
}

/** The view with what is due added to the payer's money, nothing posted: for dry runs. */
export async function withDue(view: View, { ledger, settings }: Ports): Promise<View> {
  if (!isAutomatic({ settings })) {
    return view;
  }
  const selector = { accounts: namesOf(view.payer), dueBy: view.today, auto: true };
  const { schedules } = await ledger.read({ schedules: selector });
  const { payerAfterDue } = await import('../../core/schedule/foresee.ts');
  const limits = { zone: settings.site.timezone, today: view.today };
  const postsMax = Number.MAX_SAFE_INTEGER;
  return { ...view, payer: payerAfterDue({ ...view, schedules }, { ...limits, postsMax }) };
}
