import { assert, isRefused } from '../../src/core/errors.ts';
import { dayText, parseEnd, parseStart } from '../../src/core/grant/calendar.ts';
import { createAccount } from '../../src/core/ledger/create-account.ts';
import { toDecimal, ZERO } from '../../src/core/money/money.ts';
import type { Frequency, UnspentRule } from '../../src/core/schedule/rows.ts';
import type { ScheduleFigures } from '../../src/core/schedule/view.ts';
import { type Processed, processAllocations } from '../../src/flows/steps/process-allocations.ts';
import type { Ledger } from '../../src/ports/ledger.ts';
import { usd } from './dollars.ts';

export const BOUNDS = { least: usd('0.01'), most: usd('100000000') };
const SILENT = { write: () => undefined };

export interface SeedSchedule {
  readonly name?: string;
  readonly total: string;
  readonly amount: string;
  readonly frequency: Frequency;
  readonly start: string;
  /** Of the account. */
  readonly end?: string;
  readonly unspent?: UnspentRule;
  readonly auto?: boolean;
  readonly zone?: string;
  readonly parent?: string;
  readonly budget?: string;
}

/** An incremental account, as `account create` makes it. */
export async function seedSchedule(
  ledger: Pick<Ledger, 'decide'>,
  seed: SeedSchedule,
): Promise<void> {
  const { name = 'ml-7', zone = 'UTC', unspent = 'carry', auto = true, frequency } = seed;
  const startS = parseStart(seed.start, zone);
  const endS = parseEnd(seed.end ?? '2099-12-31', zone);
  assert(startS !== undefined && endS !== undefined, 'dates');
  const terms = { total: usd(seed.total), amount: usd(seed.amount), frequency, unspent, auto };
  const answer = await ledger.decide(
    { scope: 'site', key: `seed:${name}`, verb: 'account create', args: { name } },
    { accounts: seed.parent === undefined ? [name] : [name, seed.parent], slurmNames: [name] },
    (view) =>
      createAccount(view, {
        ...{ name, title: name, description: '', startS, endS, slurmNames: [name], zone },
        budget: seed.budget === undefined ? ZERO : usd(seed.budget),
        bounds: BOUNDS,
        parentName: seed.parent,
        schedule: terms,
      }),
  );
  assert(!isRefused(answer), JSON.stringify(answer));
}

export async function scheduleOf(
  ledger: Pick<Ledger, 'read'>,
  scheduleId: number,
): Promise<ScheduleFigures> {
  const { schedules = [] } = await ledger.read({ schedules: { ids: [scheduleId] } });
  const [figures] = schedules;
  assert(figures !== undefined, `no schedule ${scheduleId}`);
  return figures;
}

/** `active 300/350 next 2025-04-30`, as one line. */
export async function stateOf(ledger: Pick<Ledger, 'read'>, scheduleId = 1): Promise<string> {
  const { row, allocated } = await scheduleOf(ledger, scheduleId);
  const next = row.nextDay === undefined ? '' : ` next ${dayText(row.nextDay)}`;
  return `${row.status} ${toDecimal(allocated)}/${toDecimal(row.total)}${next}`;
}

export async function run(
  ledger: Ledger,
  asOf: string,
  more: { readonly zone?: string; readonly ids?: readonly number[] } = {},
): Promise<Processed> {
  const { zone = 'UTC', ids } = more;
  const day = Number(asOf.replaceAll('-', ''));
  return await processAllocations({ verb: 'test', asOf: day, ids }, { ledger, zone, log: SILENT });
}

/** `2025-01-31 100`, one a posted due date. */
export function datesOf({ allocations }: Processed): readonly string[] {
  return allocations.map(({ day, amount }) => `${dayText(day)} ${amount}`);
}
