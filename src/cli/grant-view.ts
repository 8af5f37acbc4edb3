import { dayText } from '../core/grant/calendar.ts';
import type { PeriodFigures } from '../core/grant/carryover.ts';
import { carryoverOf, extensionOf, rateOf } from '../core/grant/details.ts';
import type { GrantOutline } from '../core/grant/outline.ts';
import { tenthsOfYears } from '../core/grant/periods.ts';
import { rateText } from '../core/grant/rate-words.ts';
import type { AwardChangeRow, EntryRow, FaRateRow } from '../core/grant/rows.ts';
import type { AwardBudget } from '../core/grant/view.ts';
import { isZero, toDollars, toWholeDollars } from '../core/money/money.ts';
import { divided, exactly, toFixed } from '../core/money/ratio.ts';
import type { EntryDone } from '../flows/grant-entry.ts';
import type { GrantSight } from '../flows/steps/grant-sight.ts';
import { blockText, type Column, tableText } from './table.ts';

export const GRANT_COLUMNS: readonly Column<GrantSight>[] = [
  { title: 'GRANT NUMBER', cell: ({ outline }) => outline.award.number, isKey: true },
  { title: 'AGENCY', cell: ({ outline }) => outline.award.agency, least: 6 },
  { title: 'PI', cell: ({ outline }) => outline.award.pi, least: 4 },
  {
    title: 'AWARD AMOUNT',
    cell: ({ outline }) => toWholeDollars(outline.award.total),
    align: 'right',
  },
  { title: 'PERIOD', cell: ({ outline: { plan } }) => span(plan, ' - ') },
  { title: 'STATUS', cell: ({ outline }) => outline.award.status },
];

/** BUDGET + CARRYOVER − SPENT − COMMITTED = REMAINING. */
export const PERIOD_COLUMNS: readonly Column<PeriodFigures>[] = [
  { title: 'PERIOD', cell: ({ period }) => String(period.number), align: 'right' },
  { title: 'START', cell: ({ period }) => dayText(period.startDay) },
  { title: 'END', cell: ({ period }) => dayText(period.endDay), under: 'START' },
  { title: 'BUDGET', cell: ({ period }) => toDollars(period.amount), align: 'right' },
  { title: 'SPENT', cell: ({ spent }) => toDollars(spent), align: 'right' },
  {
    title: 'COMMITTED',
    cell: ({ committed }) => toDollars(committed),
    align: 'right',
    under: 'SPENT',
  },
  { title: 'REMAINING', cell: ({ remaining }) => toDollars(remaining), align: 'right' },
  {
    title: 'CARRYOVER',
    cell: ({ carryIn }) => toDollars(carryIn),
    align: 'right',
    under: 'BUDGET',
  },
  { title: 'STATUS', cell: ({ status }) => status },
];

const BUDGET_COLUMNS: readonly Column<AwardBudget>[] = [
  { title: 'ACCOUNT', cell: ({ accountName }) => accountName, isKey: true },
  { title: 'ORDER', cell: ({ budget }) => String(budget.rank + 1), align: 'right' },
  { title: 'BASIS', cell: ({ budget }) => (budget.closed ? 'closed' : budget.basis) },
  { title: 'AVAILABLE', cell: ({ free }) => toDollars(free), align: 'right' },
  { title: 'HELD', cell: ({ held }) => toDollars(held), align: 'right' },
  { title: 'USED', cell: ({ spent }) => toDollars(spent), align: 'right' },
  { title: 'F&A USED', cell: ({ faSpent }) => toDollars(faSpent), align: 'right' },
];

const RATE_COLUMNS: readonly Column<FaRateRow>[] = [
  { title: 'RATE', cell: ({ rateE4 }) => rateText(rateE4), align: 'right' },
  { title: 'BASE', cell: ({ base }) => base },
  { title: 'FROM', cell: ({ fromDay }) => dayText(fromDay) },
  { title: 'TO', cell: ({ toDay }) => dayText(toDay) },
  { title: 'TYPE', cell: ({ type }) => type },
  { title: 'STATE', cell: ({ replacedBy }) => (replacedBy === undefined ? 'stands' : 'replaced') },
];

export const ENTRY_COLUMNS: readonly Column<EntryRow>[] = [
  { title: 'DATE', cell: ({ day }) => dayText(day) },
  { title: 'KIND', cell: ({ kind }) => kind, least: 11 },
  { title: 'CATEGORY', cell: ({ category }) => category, least: 8 },
  { title: 'AMOUNT', cell: ({ amount }) => toDollars(amount), align: 'right' },
  { title: 'SHARE', cell: ({ share }) => share },
  { title: 'MTDC', cell: ({ inMtdc }) => (inMtdc ? 'yes' : 'no') },
  { title: 'REFERENCE', cell: ({ reference }) => reference, least: 9 },
];

/** What an amendment changed, beside money. */
function changeText(change: AwardChangeRow): string {
  switch (change.kind) {
    case 'NCE':
      return `ends ${dayText(extensionOf(change).newEndDay)}`;
    case 'CARRYOVER':
      return `of period ${carryoverOf(change).period}`;
    case 'RATE_CHANGE': {
      const { rateE4, fromDay } = rateOf(change);
      return `${rateText(rateE4)} from ${dayText(fromDay)}`;
    }
    case 'AWARD':
    case 'SUPPLEMENT':
    case 'REDUCTION':
      return '';
  }
}

function amountText(change: AwardChangeRow): string {
  const amount = change.kind === 'CARRYOVER' ? carryoverOf(change).amount : change.delta;
  return isZero(amount) ? '' : toDollars(amount);
}

function changeColumns(
  changes: readonly AwardChangeRow[],
  zoneDay: (epochS: number) => string,
): readonly Column<AwardChangeRow>[] {
  const hasOther = changes.some((change) => changeText(change) !== '');
  return [
    { title: 'EFFECTIVE', cell: ({ effectiveS }) => zoneDay(effectiveS) },
    { title: 'AMENDMENT', cell: ({ kind }) => kind },
    { title: 'AMOUNT', cell: amountText, align: 'right' },
    ...(hasOther ? [{ title: 'CHANGE', cell: changeText }] : []),
    { title: 'REFERENCE', cell: ({ reference }) => reference, least: 9 },
  ];
}

function told(text: string): string | undefined {
  return text === '' ? undefined : text;
}

function span(plan: { readonly startDay: number; readonly endDay: number }, dash: string): string {
  return `${dayText(plan.startDay)}${dash}${dayText(plan.endDay)}`;
}

/** `3.0 years (36 months)`. */
function durationText({ span: length }: GrantOutline): string {
  const tenths = tenthsOfYears(length);
  return `${Math.floor(tenths / 10)}.${tenths % 10} years (${length.whole} months)`;
}

function detailsText({ outline: { award } }: GrantSight): string {
  return blockText('Grant Details', {
    'Grant Number': award.number,
    'Funding Agency': award.agency,
    Program: told(award.program),
    'Principal Investigator': award.pi,
    'Co-Investigators': told(award.coPis.join(', ')),
    Institution: told(award.institution),
    Department: told(award.department),
    'Federal Award ID': told(award.federalAwardId),
    FAIN: told(award.fain),
    'Assistance Listing': told(award.assistanceListing),
    UEI: told(award.uei),
    EIN: told(award.ein),
    'Recipient Account': told(award.recipientAccount),
    'Project Code': told(award.projectCode),
    'Cost Center': told(award.costCenter),
  });
}

function financialText({ outline }: GrantSight): string {
  const { award, rate, funds } = outline;
  const percent = toFixed(divided(exactly(rate?.rateE4 ?? 0), exactly(100)), 1);
  const isPartial = award.amount !== award.total;
  return blockText('Financial Summary', {
    'Total Award': toDollars(award.total),
    Authorized: isPartial ? toDollars(award.amount) : undefined,
    'Direct Costs': toDollars(outline.directCosts),
    'Indirect Rate': `${percent}% (${toDollars(outline.indirectCosts)})`,
    Spent: toDollars(funds.spent),
    '  Direct': toDollars(funds.direct),
    '  Indirect': toDollars(funds.indirect),
    '  External': isZero(funds.external) ? undefined : toDollars(funds.external),
    Held: toDollars(funds.held),
    'Left on Accounts': funds.allotted === undefined ? undefined : toDollars(funds.allotted),
    Unallocated: funds.unallocated === undefined ? undefined : toDollars(funds.unallocated),
    'Cost Share': isZero(award.costShare) ? undefined : toDollars(award.costShare),
  });
}

function periodText({ outline }: GrantSight): string {
  const { award, plan, periods, current } = outline;
  const position = `(Period ${current?.period.number ?? 1} of ${periods.length})`;
  return blockText('Grant Period', {
    Start: dayText(plan.startDay),
    End: dayText(plan.endDay),
    Duration: durationText(outline),
    'Budget Periods': `${award.periodMonths} months per period ${position}`,
    Carryover: award.carryover,
    Reports: award.reportFrequency,
    Status: award.status.toUpperCase(),
  });
}

/** The block of `grant show` without its burn rate. */
export function grantText(sight: GrantSight): string {
  return [detailsText(sight), financialText(sight), periodText(sight)].join('\n\n');
}

/** Linked accounts, rates and amendments: what follows in `grant show`. */
export function grantTables(
  { figures, outline }: GrantSight,
  width: number,
  zoneDay: (epochS: number) => string,
): string {
  const isSimple = figures.rates.length === 1 && outline.award.cloudInMtdc;
  const blocks = [
    figures.budgets.length === 0
      ? 'No linked accounts (see asbb grant link --help).'
      : `Linked Accounts:\n${tableText(BUDGET_COLUMNS, figures.budgets, width)}`,
    ...(isSimple ? [] : [`F&A Rates:\n${tableText(RATE_COLUMNS, figures.rates, width)}`]),
    `Amendments:\n${tableText(changeColumns(figures.changes, zoneDay), figures.changes, width)}`,
  ];
  return blocks.join('\n\n');
}

/** `grant create` (budget.md 2.4). */
export function createdGrantText({ outline }: GrantSight): string {
  const { award, plan, periods } = outline;
  return blockText('', {
    'Grant Number': award.number,
    'Funding Agency': award.agency,
    'Principal Investigator': award.pi,
    'Total Award': toDollars(award.total),
    'Grant Period': span(plan, ' to '),
    Duration: durationText(outline),
    'Budget Periods': `${periods.length} periods of ${award.periodMonths} months each`,
  });
}

/** `grant entry add`. */
export function entryText({ row, indirect }: EntryDone): string {
  return blockText('', {
    Date: dayText(row.day),
    Kind: row.kind,
    Category: row.category,
    Amount: toDollars(row.amount),
    'F&A': indirect === undefined || isZero(indirect) ? undefined : toDollars(indirect),
    Share: row.share,
    'In MTDC': row.inMtdc ? 'yes' : 'no',
    Reference: row.reference,
    Subaward: told(row.subaward),
    Notes: told(row.notes),
    Transaction: row.txnSeq === undefined ? undefined : `txn_${row.txnSeq}`,
  });
}
