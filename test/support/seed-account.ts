import { assert, isRefused } from '../../src/core/errors.ts';
import type { Json } from '../../src/core/json.ts';
import type { Change } from '../../src/core/ledger/change.ts';
import type { View } from '../../src/core/ledger/view.ts';
import { negate, ZERO } from '../../src/core/money/money.ts';
import type { Ledger } from '../../src/ports/ledger.ts';
import { usd } from './dollars.ts';

const DAY_S = 86_400;

export interface SeedAccount {
  readonly name: string;
  /** Dollars; default 1000. */
  readonly deposit?: string;
  readonly parent?: string;
  /** Dollars by partition. */
  readonly limits?: Readonly<Record<string, string>>;
}

function seedChanges(view: View, seed: SeedAccount): readonly Change[] {
  const { accountId, budgetId } = view.next;
  const amount = usd(seed.deposit ?? '1000');
  const parent = view.accounts.find(({ account }) => account.name === seed.parent);
  const post: Change = {
    change: 'post',
    txn: {
      kind: 'fund',
      effectiveS: view.nowS,
      day: view.today,
      lines: [
        { kind: 'source', ownerId: 0, amount: negate(amount) },
        { kind: 'free', ownerId: budgetId, amount },
      ],
    },
  };
  return [
    {
      change: 'putAccount',
      row: {
        accountId,
        name: seed.name,
        parentId: parent?.account.accountId,
        status: 'active',
        startS: view.nowS - DAY_S,
        endS: view.nowS + 365 * DAY_S,
        title: seed.name,
        description: '',
        createdUs: view.nowUs,
        updatedUs: view.nowUs,
      },
    },
    { change: 'putSlurmName', row: { name: seed.name, clusterId: 0, accountId } },
    {
      change: 'putBudget',
      row: { budgetId, accountId, rank: 0, basis: 'direct', closed: false },
    },
    ...Object.entries(seed.limits ?? {}).map(
      ([partition, limit]): Change => ({
        change: 'putPartitionLimit',
        row: { accountId, partition, limit: usd(limit) },
      }),
    ),
    ...(amount === ZERO ? [] : [post]),
  ];
}

/** An account with money, written through the ledger itself. */
export async function seedAccount(
  ledger: Pick<Ledger, 'decide'>,
  seed: SeedAccount,
): Promise<void> {
  const answer = await ledger.decide<Json>(
    { scope: 'site', key: `seed:${seed.name}`, verb: 'account create', args: { name: seed.name } },
    { accounts: seed.parent === undefined ? [] : [seed.parent] },
    (view) => ({ changes: seedChanges(view, seed), answer: null }),
  );
  assert(!isRefused(answer), `${seed.name} was refused`);
}
