import { moveHold } from '../../../src/core/ledger/move-hold.ts';
import { fromMicros } from '../../../src/core/money/storage.ts';
import type { BookModel, ModelHold } from './book-model.ts';
import { ended } from './hold-plans.ts';
import { type Of, type Plan, pick, request, type Scene } from './plan.ts';

export function toPartition(op: Of<'partition'>, { model }: Scene): Plan | undefined {
  const hold = pick(model.holds, op.hold);
  if (hold === undefined) {
    return;
  }
  const isMoved = hold.partition !== op.partition;
  const isFull = model.overLimit(hold.account, [op.partition], hold.amount);
  return {
    request: request({ verb: 'modify', args: { token: hold.token, partition: op.partition } }),
    query: { holds: { tokens: [hold.token], owners: true } },
    choose: (view) =>
      moveHold(view, { token: hold.token, partition: op.partition, isFact: op.fact }),
    refusal:
      ended(hold) ?? (isMoved && isFull && !op.fact ? 'PARTITION_LIMIT_EXCEEDED' : undefined),
    apply: () => {
      hold.partition = op.partition;
    },
  };
}

function movedRefusal(model: BookModel, hold: ModelHold, target: string, amount: bigint) {
  if (!model.account(target).isActive) {
    return 'ACCOUNT_INACTIVE';
  }
  const known = model.chain(hold.account);
  if (
    model.budgetFor(target, amount) === undefined ||
    model.short(target, amount, known, hold.amount)
  ) {
    return 'INSUFFICIENT_BUDGET';
  }
  return model.overLimit(target, [hold.partition], amount) ? 'PARTITION_LIMIT_EXCEEDED' : undefined;
}

export function toAccount(op: Of<'account'>, { model }: Scene): Plan | undefined {
  const hold = pick(model.holds, op.hold);
  const target = pick([...model.accounts.keys()], op.account);
  if (hold === undefined || target === undefined) {
    return;
  }
  const isSame = hold.account === target;
  const amount = op.task === undefined ? hold.amount : op.task * BigInt(hold.tasks);
  const refusal = isSame
    ? model.growth(hold, amount - hold.amount, [hold.partition])
    : movedRefusal(model, hold, target, amount);
  return {
    // A move has its own key; where only the amount changes, the request's is taken.
    request: request({
      verb: 'modify',
      args: {
        token: hold.token,
        account: target,
        task: op.task === undefined ? null : String(op.task),
      },
      key: isSame ? `modify:${hold.token}:${amount}:${hold.amount}` : undefined,
    }),
    query: { payer: { slurmAccount: target }, holds: { tokens: [hold.token], owners: true } },
    choose: (view) =>
      moveHold(view, {
        token: hold.token,
        slurmAccount: target,
        taskAmount: op.task === undefined ? undefined : fromMicros(op.task),
      }),
    refusal: ended(hold) ?? refusal,
    apply: () => {
      const budget = isSame ? hold.budget : model.budgetFor(target, amount);
      hold.account = target;
      hold.budget = budget ?? -1;
      hold.amount = amount;
    },
  };
}
