import { describe, expect, it } from 'vitest';
import type { LedgerAccountKind, TxnKind } from '../../src/core/ledger/rows.ts';
import { toDecimal } from '../../src/core/money/money.ts';
import { transactionRows } from '../../src/flows/steps/transaction-rows.ts';
import type { LineReport, TxnReport } from '../../src/ports/reports.ts';
import { usd } from '../support/dollars.ts';

// The kinds that no command of this version makes; holds and their ends are in the golden files.

type Line = readonly [kind: LedgerAccountKind, account: string, dollars: string];

function report(kind: TxnKind, lines: readonly Line[], more: Partial<TxnReport> = {}): TxnReport {
  return {
    seq: 7,
    atUs: 1_795_262_400_000_000,
    kind,
    cause: '',
    over: 0,
    effectiveS: 1_795_262_400,
    day: 20_261_121,
    lines: lines.map(
      ([account, accountName, dollars], line): LineReport => ({
        line,
        kind: account,
        ownerId: 1,
        accountName,
        accountId: accountName === '' ? 0 : 1,
        amount: usd(dollars),
        partition: '',
      }),
    ),
    holds: [],
    actor: 'root',
    verb: 'test',
    reason: '',
    metadata: '',
    ...more,
  };
}

function shown(txn: TxnReport): readonly string[] {
  return transactionRows(txn).map(
    ({ transactionId, type, accountName, amount, description }) =>
      `${transactionId} ${type} ${accountName} ${toDecimal(amount)} ${description}`,
  );
}

describe('what people see of a transaction', () => {
  it('that moves money between accounts: both sides', () => {
    const lines: readonly Line[] = [
      ['free', 'a', '-5'],
      ['free', 'b', '5'],
    ];
    expect(shown(report('transfer', lines))).toEqual([
      'txn_7 transfer a -5 transfer from this account',
      'txn_7_1 transfer b 5 transfer to this account',
    ]);
    expect(shown(report('reverse', lines, { reason: 'wrong account' }))).toEqual([
      'txn_7 transfer a -5 wrong account',
      'txn_7_1 transfer b 5 wrong account',
    ]);
  });

  it.each([
    ['allocate', 'award', '5', 'txn_7 allocation a 5 allocate to this account'],
    ['lapse', 'source', '-5', 'txn_7 lapse a -5 lapse from this account'],
    ['fund', 'source', '-5', 'txn_7 fund a -5 Limit lowered by $5.00 (test)'],
    ['reverse', 'source', '-5', 'txn_7 fund a -5 reverse from this account'],
  ] as const)('%s by %s of %s', (kind, other, dollars, row) => {
    const against = dollars.startsWith('-') ? dollars.slice(1) : `-${dollars}`;
    expect(
      shown(
        report(kind, [
          [other, '', against],
          ['free', 'a', dollars],
        ]),
      ),
    ).toEqual([row]);
  });

  it('that refunds a charge, or corrects it', () => {
    const lines: readonly Line[] = [
      ['free', 'a', '5'],
      ['spent', 'a', '-5'],
    ];
    expect(shown(report('adjust', lines, { cause: 'refund', parent: 3 }))).toEqual([
      'txn_7 refund a 5 Correction (refund)',
    ]);
    expect(shown(report('adjust', lines, { cause: 'bill', parent: 3 }))).toEqual([
      'txn_7 adjustment a -5 Correction (bill)',
    ]);
  });

  it('that changes nothing they count: nothing', () => {
    const none: readonly Line[] = [
      ['free', 'a', '0'],
      ['spent', 'a', '0'],
    ];
    expect(shown(report('adjust', none))).toEqual([]);
    for (const kind of ['extend', 'move', 'external'] as const) {
      expect(shown(report(kind, none))).toEqual([]);
    }
  });
});
