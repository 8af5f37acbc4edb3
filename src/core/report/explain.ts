import type { EntryKind, EntryRow, EntryShare } from '../grant/rows.ts';
import { isZero, type Money, minus, negate, plus } from '../money/money.ts';
import type { CostTxn, OpenHold } from './books.ts';
import { column, type ReportSection, section } from './document.ts';
import { entriesOf, federalPart } from './entries.ts';
import { authorized, type GrantFacts, indirectOf, sf425Input } from './facts.ts';
import { IDENTITIES, type LineId, type Sf425 } from './sf425.ts';

// `--explain`: what each line is made of. The amounts of a line add up to it, exactly for lines that
// are made of other lines, else to the cent that it is rounded to.

/** `journal`: the transaction is the journal's; entries without money in the books have an entry id. */
export interface Explained {
  readonly line: string;
  readonly source: 'transaction' | 'entry' | 'award_change' | 'hold' | 'grant' | 'line';
  readonly id: string;
  readonly day?: number | undefined;
  readonly text: string;
  readonly amount: Money;
}

function ofEntries(
  line: LineId,
  entries: readonly EntryRow[],
  [kind, share]: readonly [EntryKind, EntryShare?],
): readonly Explained[] {
  return entriesOf(entries, kind, share).map((entry) => ({
    line,
    source: 'entry',
    id: `entry_${entry.entryId}`,
    day: entry.day,
    text: `${entry.category} ${entry.reference}`.trim(),
    amount: entry.amount,
  }));
}

function ofCost(line: string, cost: CostTxn, amount: Money): readonly Explained[] {
  const job = cost.jobId === undefined ? '' : ` job ${cost.jobId}`;
  const where = cost.accountName === '' ? '' : ` of ${cost.accountName}`;
  return isZero(amount)
    ? []
    : [
        {
          line,
          source: 'transaction',
          id: `txn_${cost.seq}`,
          day: cost.day,
          text: `${cost.kind}${cost.cause === '' ? '' : ` (${cost.cause})`}${where}${job}`,
          amount,
        },
      ];
}

function federal(cost: CostTxn): Money {
  return minus(plus(cost.direct, cost.fa), plus(cost.recipient, cost.recipientFa));
}

function ofHold(hold: OpenHold): Explained {
  return {
    line: '10f',
    source: 'hold',
    id: `txn_${hold.token}`,
    day: hold.openedDay,
    text: `hold of ${hold.accountName}${hold.isOpen ? '' : ', charged after the period'}`,
    amount: federalPart(hold),
  };
}

/** On the cash basis: spent and not disbursed stands in 10f instead of 10e. */
function ofUndisbursed(undisbursed: Money): readonly Explained[] {
  const each = { source: 'line', id: '10b', text: 'spent, not disbursed yet' } as const;
  return isZero(undisbursed)
    ? []
    : [
        { ...each, line: '10e', amount: negate(undisbursed) },
        { ...each, line: '10f', amount: undisbursed },
      ];
}

function ofLines(figures: Sf425): readonly Explained[] {
  const made = Object.entries(IDENTITIES).flatMap(([line, parts]) =>
    Object.entries(parts).map(([id, sign]) => ({ line, id: id as LineId, sign })),
  );
  const derived = made.map(({ line, id, sign }): Explained => {
    const amount = figures.lines[id];
    const isTaken = sign < 0;
    return {
      line,
      source: 'line',
      id,
      text: isTaken ? `less line ${id}` : `line ${id}`,
      amount: isTaken ? negate(amount) : amount,
    };
  });
  const assumed = {
    line: '10b',
    source: 'line',
    id: '10e',
    text: 'assumed: no disbursement entered',
    amount: figures.lines['10e'],
  } as const;
  return figures.isDisbursedAssumed ? [...derived, assumed] : derived;
}

function ofIndirect(facts: GrantFacts, costs: readonly CostTxn[]): readonly Explained[] {
  return indirectOf(facts).lines.flatMap(({ rateId }, at) =>
    costs.flatMap((cost) => {
      const rated = cost.rates.filter((row) => row.rateId === rateId);
      return rated.flatMap(({ base, amount }) => [
        ...ofCost(`11.${at + 1} base`, cost, base),
        ...ofCost(`11.${at + 1} charged`, cost, amount),
      ]);
    }),
  );
}

/** Every line with what it is made of. `costs`: all transactions up to the end of the period. */
export function explained(
  facts: GrantFacts,
  figures: Sf425,
  costs: readonly CostTxn[],
): readonly Explained[] {
  const { entries, award } = facts;
  const all: readonly Explained[] = [
    ...ofEntries('10a', entries, ['cash_receipt']),
    ...ofEntries('10b', entries, ['cash_disbursement']),
    ...authorized(facts).map(
      (change): Explained => ({
        line: '10d',
        source: 'award_change',
        id: `change_${change.changeId}`,
        text: `${change.kind} ${change.reference}`.trim(),
        amount: change.delta,
      }),
    ),
    ...costs.flatMap((cost) => ofCost('10e', cost, federal(cost))),
    ...facts.books.holds.map(ofHold),
    ...ofUndisbursed(figures.undisbursed),
    ...ofEntries('10f', entries, ['obligation', 'federal']),
    {
      line: '10i',
      source: 'grant',
      id: award.number,
      text: 'cost share required',
      amount: sf425Input(facts).recipientRequired,
    },
    ...ofEntries('10j', entries, ['expenditure', 'recipient']),
    ...costs.flatMap((cost) => ofCost('10j', cost, plus(cost.recipient, cost.recipientFa))),
    ...ofEntries('10l', entries, ['program_income_earned']),
    ...ofEntries('10m', entries, ['program_income_deduction']),
    ...ofEntries('10n', entries, ['program_income_addition']),
    ...ofLines(figures),
    ...ofIndirect(facts, costs),
  ];
  return all.toSorted((a, b) => byLine(a.line, b.line));
}

function byLine(a: string, b: string): number {
  if (a === b) {
    return 0;
  }
  return a < b ? -1 : 1;
}

export function explainSection(rows: readonly Explained[]): ReportSection {
  const columns = [
    column('line', 'LINE', 'text'),
    column('source', 'SOURCE', 'text'),
    column('id', 'ID', 'text'),
    column('date', 'DATE', 'day'),
    column('description', 'DESCRIPTION', 'text'),
    column('amount', 'AMOUNT', 'money'),
  ];
  const head = { id: 'explain', title: 'What the lines are made of', columns };
  return section(head, rows, (row) => ({
    key: `${row.line} ${row.id}`,
    cells: {
      line: row.line,
      source: row.source,
      id: row.id,
      date: row.day,
      description: row.text,
      amount: row.amount,
    },
  }));
}
