import { assert } from '../../../src/core/errors.ts';
import { bindHold } from '../../../src/core/ledger/bind-hold.ts';
import { chargeHold } from '../../../src/core/ledger/charge-hold.ts';
import { expireHold, releaseHold } from '../../../src/core/ledger/end-hold.ts';
import { extendHold } from '../../../src/core/ledger/extend-hold.ts';
import { placeHold } from '../../../src/core/ledger/place-hold.ts';
import { splitHold, taskToken } from '../../../src/core/ledger/split-hold.ts';
import { fromMicros } from '../../../src/core/money/storage.ts';
import type { ModelHold } from './book-model.ts';
import { PARTITIONS } from './operation.ts';
import { effective, type Of, type Plan, pick, request, type Scene } from './plan.ts';

const HOUR_S = 3600;
const TOKEN_LENGTH = 26;

export function place(op: Of<'place'>, { model, run, nowS, next }: Scene): Plan | undefined {
  const account = pick([...model.accounts.keys()], op.account);
  assert(account !== undefined, 'there are accounts');
  const number = next();
  const token = `${run}${String(number).padStart(TOKEN_LENGTH - run.length, '0')}`;
  const amount = op.task * BigInt(op.tasks);
  const partitions = op.both ? [op.partition, ...PARTITIONS] : [op.partition];
  const expiresS = nowS() + HOUR_S;
  return {
    request: request({
      verb: 'submit',
      args: { token, amount: String(amount) },
      key: `hold:${token}`,
    }),
    query: { payer: { slurmAccount: account, userName: 'ada' } },
    choose: (view) =>
      placeHold(view, {
        token,
        slurmAccount: account,
        partitions,
        userName: 'ada',
        amount: fromMicros(amount),
        tasks: op.tasks,
        expiresS,
        pricing: '',
      }),
    refusal: model.refusal(account, partitions, amount),
    apply: () => {
      model.holds.push({
        token,
        account,
        budget: model.budgetFor(account, amount) ?? -1,
        partition: op.partition,
        amount,
        tasks: op.tasks,
        state: 'open',
        isBound: false,
        expiresS,
        charged: undefined,
      });
    },
  };
}

export function ended(hold: ModelHold): string | undefined {
  return hold.state === 'open' ? undefined : 'ALREADY_RECONCILED';
}

export function extend(op: Of<'extend'>, { model, next }: Scene): Plan | undefined {
  const hold = pick(model.holds, op.hold);
  if (hold === undefined) {
    return;
  }
  const amount = op.task * BigInt(hold.tasks);
  const key = `extend:${hold.token}:${next()}`;
  return {
    request: request({ verb: 'resume', args: { token: hold.token, task: String(op.task) }, key }),
    query: { holds: { tokens: [hold.token], owners: true } },
    choose: (view) => extendHold(view, { token: hold.token, taskAmount: fromMicros(op.task), key }),
    refusal: ended(hold) ?? model.growth(hold, amount - hold.amount, [hold.partition]),
    apply: () => {
      hold.amount = amount;
    },
  };
}

export function bind(op: Of<'bind'>, { model, nowS, next }: Scene): Plan | undefined {
  const hold = pick(model.holds, op.hold);
  if (hold === undefined || hold.isBound) {
    return;
  }
  const run = { jobId: next(), arrayTask: -1, submitS: nowS(), restart: 0 };
  const expiresS = hold.expiresS + HOUR_S;
  return {
    request: request({ verb: 'epilog', args: { token: hold.token, job: run.jobId } }),
    query: { holds: { tokens: [hold.token], jobIds: [run.jobId] } },
    choose: (view) => bindHold(view, { token: hold.token, run, expiresS }),
    refusal: ended(hold),
    apply: () => {
      hold.isBound = true;
      hold.expiresS = expiresS;
    },
  };
}

export function split(op: Of<'split'>, { model, nowS }: Scene): Plan | undefined {
  const hold = pick(model.holds, op.hold);
  if (hold === undefined || hold.token.includes('.')) {
    return;
  }
  const taken = model.holds.filter(({ token }) => token.startsWith(`${hold.token}.`)).length;
  const numbers = Array.from({ length: op.count }, (_, at) => taken + at);
  const expiresS = nowS() + HOUR_S;
  const tasks = numbers.map((arrayTask) => ({ arrayTask, expiresS }));
  return {
    request: request({ verb: 'split', args: { token: hold.token, tasks: numbers } }),
    query: { holds: { tokens: [hold.token], children: true } },
    choose: (view) => splitHold(view, { token: hold.token, tasks }),
    refusal: ended(hold) ?? (op.count > hold.tasks ? 'ALREADY_RECONCILED' : undefined),
    apply: () => {
      const each = hold.amount / BigInt(hold.tasks);
      for (const number of numbers) {
        const token = taskToken(hold.token, number);
        const isBound = false;
        model.holds.push({ ...hold, token, tasks: 1, amount: each, expiresS, isBound });
      }
      hold.tasks -= op.count;
      hold.amount -= each * BigInt(op.count);
      hold.state = hold.tasks === 0 ? 'split' : 'open';
    },
  };
}

export function release(op: Of<'release'>, { model }: Scene): Plan | undefined {
  const hold = pick(model.holds, op.hold);
  if (hold === undefined) {
    return;
  }
  return {
    request: request({ verb: 'recover', args: { token: hold.token } }),
    query: { holds: { tokens: [hold.token], owners: true } },
    choose: (view) => releaseHold(view, { token: hold.token }),
    refusal: hold.state === 'charged' ? 'ALREADY_RECONCILED' : undefined,
    apply: () => {
      hold.state = hold.state === 'open' ? 'released' : hold.state;
    },
  };
}

export function expire(op: Of<'expire'>, { model, nowS, forward }: Scene): Plan | undefined {
  const hold = pick(model.holds, op.hold);
  if (hold === undefined) {
    return;
  }
  if (op.wait) {
    forward(2 * HOUR_S);
  }
  const isOver = hold.state === 'open' && !hold.isBound && hold.expiresS < nowS();
  return {
    request: request({ verb: 'recover', args: { token: hold.token, how: 'expire' } }),
    query: { holds: { tokens: [hold.token] } },
    choose: (view) => expireHold(view, { token: hold.token }),
    refusal: hold.state === 'charged' ? 'ALREADY_RECONCILED' : undefined,
    apply: () => {
      hold.state = isOver ? 'expired' : hold.state;
    },
  };
}

function chargeRefusal(hold: ModelHold, op: Of<'charge'>): string | undefined {
  if (hold.tasks !== 1) {
    return 'VALIDATION_ERROR';
  }
  const isOther = hold.charged !== undefined && hold.charged !== op.cost && !op.amend;
  return isOther ? 'ALREADY_RECONCILED' : undefined;
}

export function charge(op: Of<'charge'>, { model }: Scene): Plan | undefined {
  const hold = pick(model.holds, op.hold);
  if (hold === undefined) {
    return;
  }
  return {
    request: request({
      verb: 'reconcile',
      args: { token: hold.token, cost: String(op.cost), amend: op.amend },
    }),
    query: { holds: { tokens: [hold.token], owners: true, charges: true } },
    choose: (view) =>
      chargeHold(view, {
        token: hold.token,
        cost: { kind: 'amount', amount: fromMicros(op.cost) },
        effective: effective(view),
        amend: op.amend,
      }),
    refusal: chargeRefusal(hold, op),
    apply: () => {
      model.spend(hold, op.cost - (hold.charged ?? 0n));
      hold.charged = op.cost;
      hold.state = hold.state === 'open' ? 'charged' : hold.state;
    },
  };
}
