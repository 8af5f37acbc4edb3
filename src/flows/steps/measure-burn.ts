import { type BurnRateRow, daysToMeasure, measureDay } from '../../core/burn/measure.ts';
import { dayOf } from '../../core/grant/calendar.ts';
import type { BurnCache } from '../../ports/burn-cache.ts';
import type { Ledger } from '../../ports/ledger.ts';
import type { Spending } from '../../ports/spending.ts';
import type { Clock } from '../../ports/system.ts';
import { burnInput } from './burn-facts.ts';

export interface MeasurePorts {
  readonly ledger: Ledger;
  readonly spending: Spending;
  readonly burnCache: BurnCache;
  readonly clock: Pick<Clock, 'nowUs'>;
  readonly zone: string;
}

const NOTE = 'burn:measured';
const MICROS = 1_000_000;
/** What a run writes at most, and in one transaction: hooks wait for the lock meanwhile. */
const ROWS_PER_RUN = 5000;
const ROWS_PER_TXN = 400;

/**
 * Daily burn rates of every account for every day not yet measured (budget.md 6.3); a late charge has the
 * days since measured again. Once a day; a long history over several runs. Undefined: done today.
 */
export async function measureBurn(ports: MeasurePorts): Promise<number | undefined> {
  const { ledger, spending, clock, zone } = ports;
  const today = dayOf(Math.floor(clock.nowUs() / MICROS), zone);
  const { notes } = await ledger.read({ notes: [NOTE] });
  if (notes[NOTE] === String(today)) {
    return undefined;
  }
  const asOf = { day: today, isPast: false };
  let rows: BurnRateRow[] = [];
  let count = 0;
  for (const spender of await spending.accounts({})) {
    const input = burnInput(spender, asOf, zone);
    const measured = await ports.burnCache.measured(spender.id);
    const days = daysToMeasure(input, measured, ROWS_PER_RUN - count);
    rows.push(...days.map((day) => measureDay(input, spender.id, day)));
    count += days.length;
    if (rows.length >= ROWS_PER_TXN) {
      await ports.burnCache.put(rows);
      rows = [];
    }
  }
  await ports.burnCache.put(rows);
  if (count < ROWS_PER_RUN) {
    await ledger.decide({ scope: 'site', verb: 'maintain', args: {} }, {}, () => ({
      changes: [{ change: 'putNote', name: NOTE, value: String(today) }],
      answer: null,
    }));
  }
  return count;
}
