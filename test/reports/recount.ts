import { z } from 'zod';
import type { CliSite } from '../support/cli.ts';

// The figures of a grant's reports, counted again from the postings by queries of their own: no kept sum,
// nothing of the reports' SQL, is used.

export const Figures = z.looseObject({
  sf425: z.record(z.string(), z.number()),
  indirect: z.array(
    z.looseObject({
      base: z.number(),
      amount: z.number(),
      federal_share: z.number(),
      type: z.string(),
    }),
  ),
  mtdc: z.array(z.looseObject({ direct: z.number(), in_base: z.number() })),
  periods: z.array(
    z.looseObject({
      period_number: z.number(),
      start: z.string(),
      end: z.string(),
      spent: z.number(),
      budget: z.number(),
    }),
  ),
  accounts: z.array(
    z.looseObject({ account: z.string(), direct: z.number(), indirect: z.number() }),
  ),
  details: z.array(z.looseObject({ direct: z.number(), indirect: z.number() })),
  explain: z.array(z.looseObject({ line: z.string(), id: z.string(), amount: z.number() })),
  warnings: z.array(z.string()),
});
export type Figures = z.infer<typeof Figures>;

interface Sum {
  readonly v: bigint | null;
}

/** `20251231` of `2025-12-31`. */
function numberOf(day: string): string {
  return day.replaceAll('-', '');
}

const HALF = 5000n;
const CENT = 10_000n;

/** Micro-dollars to the cent, half away from zero. */
function cents(micros: bigint): number {
  const sign = micros < 0n ? -1n : 1n;
  return Number(((micros * sign + HALF) / CENT) * sign) / 100;
}

/** budget.md 8.3 up to the end of `day`, recorded by now. */
export function recounted(
  site: CliSite,
  number: string,
  day: string,
): Readonly<Record<string, number>> {
  const end = numberOf(day);
  const endS = Date.parse(`${day}T23:59:59Z`) / 1000;
  const award = `(SELECT award_id FROM award WHERE number='${number}')`;
  const budgets = `(SELECT budget_id FROM budget WHERE award_id=${award})`;
  function one(sql: string): bigint {
    return (site.raw(sql)[0] as Sum).v ?? 0n;
  }
  function entries(kind: string, share?: string): bigint {
    const shared = share === undefined ? '' : ` AND share='${share}'`;
    return one(
      `SELECT SUM(amount_micro) v FROM entry WHERE award_id=${award} AND kind='${kind}'${shared} AND day<=${end}`,
    );
  }
  function spent(kinds: string, owner: string): bigint {
    return one(`SELECT SUM(p.amount_micro) v FROM posting p JOIN ledger_account a USING(la_id) JOIN txn t ON t.seq=p.txn_seq
      WHERE a.kind IN(${kinds}) AND a.owner_id IN ${owner} AND t.day<=${end}`);
  }
  const recipients =
    one(`SELECT SUM(recipient_micro+recipient_fa_micro) v FROM cost_share c JOIN txn t ON t.seq=c.txn_seq
    WHERE t.day<=${end} AND EXISTS(SELECT 1 FROM posting p JOIN ledger_account a USING(la_id)
      WHERE p.txn_seq=t.seq AND a.kind IN('spent','fa_spent') AND a.owner_id IN ${budgets})`);
  const recipientFa =
    one(`SELECT SUM(recipient_fa_micro) v FROM cost_share c JOIN txn t ON t.seq=c.txn_seq
    WHERE t.day<=${end} AND EXISTS(SELECT 1 FROM posting p JOIN ledger_account a USING(la_id)
      WHERE p.txn_seq=t.seq AND a.kind IN('spent','fa_spent') AND a.owner_id IN ${budgets})`);
  const indirect = spent("'fa_spent'", budgets) + spent("'fa_external'", award);
  const federal =
    spent("'spent','fa_spent'", budgets) + spent("'external','fa_external'", award) - recipients;
  // What was held at the end of the day, less what was given back or charged to a day of the period since.
  const holds =
    site.raw(`SELECT h.hold_id id, h.state, SUM(CASE WHEN a.kind='held' THEN p.amount_micro ELSE 0 END) held,
      SUM(CASE WHEN a.kind='fa_held' THEN p.amount_micro ELSE 0 END) fa, c.federal_share_e4 share,
      (SELECT day FROM txn WHERE seq=h.ended_seq) ended_day
    FROM posting p JOIN ledger_account a USING(la_id) JOIN txn t ON t.seq=p.txn_seq JOIN hold h ON h.hold_id=p.hold_id
    JOIN budget b ON b.budget_id=h.budget_id JOIN account c USING(account_id)
    WHERE a.kind IN('held','fa_held') AND a.owner_id IN ${budgets} AND t.at_us<=${endS}*1000000+999999
    GROUP BY h.hold_id`) as readonly {
      readonly state: string;
      readonly held: bigint;
      readonly fa: bigint;
      readonly share: bigint;
      readonly ended_day: bigint | null;
    }[];
  function shareOf(amount: bigint, share: bigint): bigint {
    return share === 10_000n ? amount : ((amount * share + 50_000_000n) / 100_000_000n) * CENT;
  }
  const held = holds
    .filter(
      ({ state, ended_day: on }) =>
        state === 'open' || (state === 'charged' && on !== null && on > BigInt(end)),
    )
    .reduce((sum, each) => sum + shareOf(each.held, each.share) + shareOf(each.fa, each.share), 0n);
  const authorized = one(
    `SELECT SUM(delta_micro) v FROM award_change WHERE award_id=${award} AND effective_s<=${endS}`,
  );
  const required = one(`SELECT cost_share_micro v FROM award WHERE number='${number}'`);
  const isDisbursed =
    one(
      `SELECT COUNT(*) v FROM entry WHERE award_id=${award} AND kind='cash_disbursement' AND day<=${end}`,
    ) > 0n;
  const isCash = one(`SELECT accounting='cash' v FROM award WHERE number='${number}'`) === 1n;
  const paid = entries('cash_disbursement');
  const owed = isCash && isDisbursed && federal > paid ? federal - paid : 0n;
  const a = cents(entries('cash_receipt'));
  const e = cents(federal - owed);
  const b = isDisbursed ? cents(paid) : e;
  const d = cents(authorized);
  const f = cents(held + entries('obligation', 'federal') + owed);
  const i = cents(required);
  const j = cents(entries('expenditure', 'recipient') + recipients);
  const l = cents(entries('program_income_earned'));
  const m = cents(entries('program_income_deduction'));
  const n = cents(entries('program_income_addition'));
  function less(x: number, y: number): number {
    return Math.round((x - y) * 100) / 100;
  }
  const g = less(e, -f);
  return {
    '10a': a,
    '10b': b,
    '10c': less(a, b),
    '10d': d,
    '10e': e,
    '10f': f,
    '10g': g,
    '10h': less(d, g),
    '10i': i,
    '10j': j,
    '10k': less(i, j),
    '10l': l,
    '10m': m,
    '10n': n,
    '10o': less(less(l, m), n),
    '11 charged': cents(indirect),
    '11 federal': cents(indirect - recipientFa),
    direct: cents(spent("'spent'", budgets) + spent("'external'", award)),
    compute: cents(spent("'spent'", budgets)),
    'compute fa': cents(spent("'fa_spent'", budgets)),
    all: cents(spent("'spent','fa_spent'", budgets) + spent("'external','fa_external'", award)),
    total: cents(one(`SELECT total_micro v FROM award WHERE number='${number}'`)),
  };
}

function total(amounts: readonly number[]): number {
  return amounts.reduce((sum, amount) => sum + amount, 0);
}

/** The same figures as a financial report has them, under the same names. */
export function reported(figures: Figures): Readonly<Record<string, number>> {
  const { sf425, indirect, mtdc, periods, accounts, details } = figures;
  const last = indirect.at(-1);
  return {
    ...sf425,
    '11 charged': last?.amount ?? 0,
    '11 federal': last?.federal_share ?? 0,
    direct: total(mtdc.map(({ direct }) => direct)),
    compute: total(accounts.map(({ direct }) => direct)),
    'compute fa': total(accounts.map(({ indirect: amount }) => amount)),
    all: total(details.map(({ direct, indirect: amount }) => direct + amount)),
    total: total(periods.map(({ budget }) => budget)),
  };
}
