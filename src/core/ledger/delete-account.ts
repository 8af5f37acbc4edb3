import { isRefused, type Refused, refused } from '../errors.ts';
import { allotLines, moneyPost } from '../grant/words.ts';
import type { JsonObject } from '../json.ts';
import { isPositive, type Money, negate } from '../money/money.ts';
import { findAccount } from './account-words.ts';
import type { Change, Decision } from './change.ts';
import { fundPost } from './fund.ts';
import type { BudgetRow } from './rows.ts';
import type { AccountFigures, View } from './view.ts';

export interface DeletedAnswer extends JsonObject {
  readonly account: string;
  /** erased: it was never used; inactive: can be made active again; closed: by force, for good. */
  readonly outcome: 'erased' | 'inactive' | 'closed';
}

export interface DeleteAccount {
  readonly name: string;
  readonly force: boolean;
}

function inUse(figures: AccountFigures): Refused | undefined {
  const { name } = figures.account;
  if (figures.openHoldCount > 0) {
    return refused('IN_USE', `account ${name} has ${figures.openHoldCount} open holds`, {
      advice: `see asbb transactions list --account ${name} --type hold --status pending`,
      fields: { account: name, open_holds: String(figures.openHoldCount) },
    });
  }
  return figures.childNames.length > 0
    ? refused('IN_USE', `account ${name} is the parent of ${figures.childNames.join(', ')}`, {
        advice: 'give them another parent with asbb account update --parent',
        fields: { account: name },
      })
    : undefined;
}

/** Nothing more is allocated to a closed account. */
function cancelled({ schedules = [], nowUs }: View): readonly Change[] {
  return schedules.flatMap(({ row }) =>
    row.status === 'active' || row.status === 'paused'
      ? [
          {
            change: 'putSchedule',
            row: { ...row, status: 'cancelled', nextDay: undefined, updatedUs: nowUs },
          } as const,
        ]
      : [],
  );
}

/** To the source, or to the grant that it came from. */
function givenBack(view: View, { awardId, budgetId }: BudgetRow, free: Money): readonly Change[] {
  const lines = awardId === undefined ? [] : allotLines(awardId, budgetId, negate(free));
  return awardId === undefined
    ? fundPost(view, budgetId, negate(free))
    : [moneyPost(view, { kind: 'allocate', cause: 'close', lines })];
}

/** What is free goes back, nothing can be booked on it, its SLURM names are free for others. */
function closed(view: View, figures: AccountFigures): readonly Change[] {
  return figures.budgets.flatMap(({ budget, free }) => [
    { change: 'putBudget', row: { ...budget, closed: true } } as const,
    ...(isPositive(free) ? givenBack(view, budget, free) : []),
  ]);
}

/**
 * Ends an account. One that no transaction, alert or deadline ever touched is erased; another keeps its books and becomes
 * inactive, with force closed as well. Query: accounts, schedules.accounts. NOT_FOUND; IN_USE (open holds, children).
 */
export function deleteAccount(view: View, ask: DeleteAccount): Decision<DeletedAnswer> | Refused {
  const figures = findAccount(view, ask.name);
  if (isRefused(figures)) {
    return figures;
  }
  const obstacle = inUse(figures);
  if (obstacle !== undefined) {
    return obstacle;
  }
  const { account } = figures;
  if (!figures.hasHistory) {
    const { accountId } = account;
    return {
      changes: [{ change: 'removeAccount', accountId }],
      answer: { account: ask.name, outcome: 'erased' },
    };
  }
  const row = { ...account, status: 'inactive', updatedUs: view.nowUs } as const;
  const outcome = ask.force ? 'closed' : 'inactive';
  const isDone = account.status === 'inactive' && !ask.force;
  const names = figures.slurmNames.map(
    ({ name, clusterId }) => ({ change: 'removeSlurmName', name, clusterId }) as const,
  );
  return {
    changes: isDone
      ? []
      : [
          { change: 'putAccount', row },
          ...(ask.force ? [...names, ...cancelled(view), ...closed(view, figures)] : []),
        ],
    answer: { account: ask.name, outcome },
  };
}
