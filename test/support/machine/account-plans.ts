import { assert, refused } from '../../../src/core/errors.ts';
import { deposit } from '../../../src/core/ledger/fund.ts';
import { chargeWithoutHold } from '../../../src/core/ledger/late.ts';
import { setPartitionLimit } from '../../../src/core/ledger/limit-partition.ts';
import { updateAccount } from '../../../src/core/ledger/update-account.ts';
import { fromMicros } from '../../../src/core/money/storage.ts';
import type { BookModel } from './book-model.ts';
import { effective, type Of, type Plan, pick, request, type Scene } from './plan.ts';

const BOUNDS = { least: fromMicros(0n), most: fromMicros(10n ** 15n) };

export function late(op: Of<'late'>, { model, next }: Scene): Plan | undefined {
  const account = pick([...model.accounts.keys()], op.account);
  assert(account !== undefined, 'there are accounts');
  const key = `late:${next()}:1:0`;
  const cost = { kind: 'amount', amount: fromMicros(op.cost) } as const;
  return {
    request: request({ verb: 'maintain', args: { account, cost: String(op.cost), key }, key }),
    query: { payer: { slurmAccount: account } },
    choose: (view) =>
      chargeWithoutHold(
        view,
        { cost, partition: 'aws', effective: effective(view), key },
        refused('NOT_FOUND', 'nobody'),
      ),
    refusal: undefined,
    apply: () => {
      const rich = model
        .account(account)
        .funded.findIndex((_, at) => model.free(account, at) >= op.cost);
      model.spend({ account, budget: Math.max(0, rich), partition: 'aws' }, op.cost);
    },
  };
}

export function depositOn(op: Of<'deposit'>, { model, next }: Scene): Plan | undefined {
  const account = pick([...model.accounts.keys()], op.account);
  assert(account !== undefined, 'there are accounts');
  const amount = fromMicros(op.amount);
  return {
    request: request({
      verb: 'account deposit',
      args: { account, amount: String(op.amount) },
      key: `deposit:${next()}:${account}`,
    }),
    query: { accounts: [account] },
    choose: (view) => deposit(view, { name: account, amount, bounds: BOUNDS }),
    refusal: op.amount === 0n ? 'VALIDATION_ERROR' : undefined,
    apply: () => {
      const { funded } = model.account(account);
      funded[0] = (funded[0] ?? 0n) + op.amount;
    },
  };
}

export function budget(op: Of<'budget'>, { model, next }: Scene): Plan | undefined {
  const name = pick([...model.accounts.keys()], op.account);
  assert(name !== undefined, 'there are accounts');
  const { funded } = model.account(name);
  const change = op.limit - funded.reduce((sum, each) => sum + each, 0n);
  const isBelow = model.available(name) + change < 0n || model.free(name, 0) + change < 0n;
  const key = `budget:${next()}:${name}`;
  return {
    request: request({ verb: 'account update', args: { name, limit: String(op.limit) }, key }),
    query: { accounts: [name] },
    choose: (view) =>
      updateAccount(view, {
        name,
        budget: fromMicros(op.limit),
        bounds: BOUNDS,
        force: op.force,
      }),
    refusal: change < 0n && isBelow && !op.force ? 'IN_USE' : undefined,
    apply: () => {
      funded[0] = (funded[0] ?? 0n) + change;
    },
  };
}

export function limit(op: Of<'limit'>, { model, next }: Scene): Plan | undefined {
  const name = pick([...model.accounts.keys()], op.account);
  assert(name !== undefined, 'there are accounts');
  const { partition: where } = op;
  const key = `limit:${next()}:${name}`;
  return {
    request: request({
      verb: 'account limit set',
      args: { name, where, limit: String(op.limit) },
      key,
    }),
    query: { accounts: [name] },
    choose: (view) =>
      setPartitionLimit(view, { name, partition: where, limit: fromMicros(op.limit), force: true }),
    refusal: undefined,
    apply: () => {
      model.account(name).limits.set(where, op.limit);
    },
  };
}

export function status(op: Of<'status'>, { model, next }: Scene): Plan | undefined {
  const name = pick([...model.accounts.keys()], op.account);
  assert(name !== undefined, 'there are accounts');
  const account = model.account(name);
  const wanted = account.isActive ? 'suspended' : 'active';
  const key = `status:${next()}:${name}`;
  return {
    request: request({ verb: 'account update', args: { name, status: wanted }, key }),
    query: { accounts: [name] },
    choose: (view) => updateAccount(view, { name, status: wanted, bounds: BOUNDS, force: false }),
    refusal: undefined,
    apply: () => {
      account.isActive = wanted === 'active';
    },
  };
}

function parentRefusal(model: BookModel, name: string, to: string, force: boolean) {
  if (model.chain(to).includes(name)) {
    return 'VALIDATION_ERROR';
  }
  const amount = model.committed(name);
  const known = model.chain(name).slice(1);
  const isShort = model
    .chain(to)
    .some((each) => !known.includes(each) && amount > 0n && amount > model.available(each));
  return isShort && !force ? 'IN_USE' : undefined;
}

export function parent(op: Of<'parent'>, { model, next }: Scene): Plan | undefined {
  const names = [...model.accounts.keys()];
  const name = pick(names, op.account);
  const to = op.parent === undefined ? undefined : pick(names, op.parent);
  assert(name !== undefined, 'there are accounts');
  const key = `parent:${next()}:${name}`;
  return {
    request: request({ verb: 'account update', args: { name, parent: to ?? '' }, key }),
    query: { accounts: to === undefined ? [name] : [name, to] },
    choose: (view) =>
      updateAccount(view, { name, parentName: to ?? '', bounds: BOUNDS, force: op.force }),
    refusal: to === undefined ? undefined : parentRefusal(model, name, to, op.force),
    apply: () => {
      model.account(name).parent = to;
    },
  };
}
