import { dayText, instantText } from '../../core/grant/calendar.ts';
import { escapeControls } from '../../core/ledger/user-line.ts';
import { type Money, toDecimal } from '../../core/money/money.ts';
import type { LineReport, TxnReport } from '../../ports/reports.ts';

// The books as a journal for hledger (and ledger): each transaction with all its postings, so balances
// there equal balances here. https://hledger.org/hledger.html#journal-format

export const HLEDGER_HEAD =
  '; asbb transactions export --format hledger\ncommodity 1000.000000 USD\n';

/** An account name ends at two blanks; `:` parts its levels, `;` begins a comment. */
const UNSAFE = /[:;\s\p{Cc}]+/gu;
const LINE_BREAKS = /[\r\n\p{Cc};|]+/gu;
const POINT = 6;
const WIDTH = 60;

function nameOf(text: string): string {
  return escapeControls(text.replaceAll(UNSAFE, ' ').trim());
}

/** Two grants whose numbers differ in such signs alone stay two. */
function grantName(awardId: number, grants: ReadonlyMap<number, string>): string {
  const number = grants.get(awardId) ?? '';
  const name = nameOf(number);
  return name === number ? name : `${name} #${awardId}`.trim();
}

function accountOf(line: LineReport, grants: ReadonlyMap<number, string>): string {
  const grant = `grants:${grantName(line.ownerId, grants)}`;
  const budget = `accounts:${nameOf(line.accountName)}:budget ${line.ownerId}`;
  switch (line.kind) {
    case 'source':
      return 'source';
    case 'award':
      return `${grant}:award`;
    case 'external':
      return `${grant}:external`;
    case 'fa_external':
      return `${grant}:external indirect`;
    case 'free':
    case 'held':
    case 'spent':
      return `${budget}:${line.kind}`;
    case 'fa_held':
      return `${budget}:held indirect`;
    case 'fa_spent':
      return `${budget}:spent indirect`;
  }
}

/** Always six decimals: hledger keeps the most it has seen. */
function amountText(amount: Money): string {
  const [whole = '', fraction = ''] = toDecimal(amount).split('.');
  return `${whole}.${fraction.padEnd(POINT, '0')} USD`;
}

function tagsOf(txn: TxnReport): string {
  const [hold] = txn.holds;
  const tags = [
    `recorded: ${instantText(Math.floor(txn.atUs / 1_000_000))}`,
    ...(hold === undefined ? [] : [`hold: txn_${hold.row.token}`]),
    ...(hold?.row.jobId === undefined ? [] : [`job: ${hold.row.jobId}`]),
    ...(hold === undefined || hold.row.userName === ''
      ? []
      : [`user: ${nameOf(hold.row.userName)}`]),
  ];
  return tags.join(', ');
}

export function hledgerEntry(txn: TxnReport, grants: ReadonlyMap<number, string>): string {
  const what = [txn.kind, txn.cause, txn.reason].filter((part) => part !== '').join(', ');
  const lines = txn.lines.map(
    (line) => `    ${accountOf(line, grants).padEnd(WIDTH)}  ${amountText(line.amount)}`,
  );
  return [
    '',
    `${dayText(txn.day)} * (txn_${txn.seq}) ${escapeControls(what.replaceAll(LINE_BREAKS, ' '))}`,
    `    ; ${tagsOf(txn)}`,
    ...lines,
    '',
  ].join('\n');
}
