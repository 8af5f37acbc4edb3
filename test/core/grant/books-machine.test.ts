import fc from 'fast-check';
import { expect, it } from 'vitest';
import { assert, isRefused } from '../../../src/core/errors.ts';
import { deobligateAward, supplementAward } from '../../../src/core/grant/award-amount.ts';
import { addDays, endOfDay, startOfDay } from '../../../src/core/grant/calendar.ts';
import { carryForward } from '../../../src/core/grant/carryover.ts';
import { extendAward } from '../../../src/core/grant/extend-award.ts';
import { grantPeriods } from '../../../src/core/grant/periods.ts';
import { entryBases } from '../../../src/core/grant/rebase.ts';
import { updateAward } from '../../../src/core/grant/update-award.ts';
import type { AwardFigures } from '../../../src/core/grant/view.ts';
import { adjustPost } from '../../../src/core/ledger/adjust.ts';
import { releaseHold } from '../../../src/core/ledger/end-hold.ts';
import { extendHold } from '../../../src/core/ledger/extend-hold.ts';
import { indirectOf } from '../../../src/core/money/fa.ts';
import {
  exceeds,
  type Money,
  minus,
  negate,
  plus,
  sum,
  times,
  toDecimal,
  ZERO,
} from '../../../src/core/money/money.ts';
import {
  awardOf,
  GRANT_END,
  GRANT_START,
  openAward,
  tryEntry,
  tryLink,
  trySetRate,
  tryUnlink,
} from '../../support/grants.ts';
import { seedAccount, type TemporaryLedger, temporaryLedger, usd } from '../../support/ledger.ts';
import { ask, askKeyless, figuresOf, place, tryCharge, tryPlace } from '../../support/policy.ts';
import '../../support/property.ts';

// Any order of what may happen to a grant keeps I1–I19, and the sums tie out from the outside too: what
// the awards got is what they have, gave and spent; F&A is the rounded rate on what was spent, and no
// more; periods add up to the grant; carrying makes no money.

const ACCOUNTS = ['ml-7', 'bio'] as const;
const GRANTS = ['A', 'B'] as const;
const RUNS = Number(process.env['ASBB_TEST_SCALE'] ?? 1) * 25;

const account = fc.constantFrom(...ACCOUNTS);
const grant = fc.constantFrom(...GRANTS);
const cents = fc
  .integer({ min: 1, max: 60_000 })
  .map((count) => toDecimal(times(usd('0.01'), count)));
const micros = fc
  .integer({ min: 1, max: 90_000_000 })
  .map((count) => toDecimal(times(usd('0.000001'), count)));
const day = fc.integer({ min: 0, max: 1000 }).map((days) => addDays(GRANT_START, days));
const past = fc.integer({ min: 0, max: 320 }).map((days) => addDays(GRANT_START, days));
const nth = fc.nat(3);

const HOLD = fc.record({
  op: fc.constant('hold' as const),
  account,
  dollars: micros,
  tasks: fc.constantFrom(1, 1, 1, 3),
  allowNegative: fc.boolean(),
});
const CHARGE = fc.record({ op: fc.constant('charge' as const), nth, dollars: micros, day: past });
const AMEND = fc.record({ op: fc.constant('amend' as const), nth, dollars: micros });

const OPERATION = fc.oneof(
  HOLD,
  HOLD,
  CHARGE,
  CHARGE,
  CHARGE,
  AMEND,
  AMEND,
  fc.record({ op: fc.constant('supplement' as const), grant, dollars: cents }),
  fc.record({ op: fc.constant('deobligate' as const), grant, dollars: cents, force: fc.boolean() }),
  fc.record({
    op: fc.constant('link' as const),
    grant,
    account,
    dollars: fc.option(cents, { nil: undefined }),
    order: fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined }),
    basis: fc.constantFrom('direct' as const, 'total' as const),
  }),
  fc.record({ op: fc.constant('unlink' as const), grant, account }),
  fc.record({ op: fc.constant('resize' as const), nth, dollars: micros }),
  fc.record({ op: fc.constant('refund' as const), nth }),
  fc.record({ op: fc.constant('release' as const), nth }),
  fc.record({
    op: fc.constant('rate' as const),
    grant,
    rateE4: fc.integer({ min: 0, max: 10_000 }),
    base: fc.constantFrom('MTDC' as const, 'MTDC' as const, 'TDC' as const, 'none' as const),
    days: fc.tuple(day, day),
  }),
  fc.record({
    op: fc.constant('entry' as const),
    grant,
    dollars: fc.tuple(cents, fc.boolean()).map(([text, isBack]) => (isBack ? `-${text}` : text)),
    day: past,
    inMtdc: fc.boolean(),
    subaward: fc.constantFrom('', 'mit'),
  }),
  fc.record({ op: fc.constant('cloud' as const), grant, cloudInMtdc: fc.boolean() }),
  fc.record({ op: fc.constant('extend' as const), grant, days: fc.integer({ min: 1, max: 400 }) }),
);
type Operation = typeof OPERATION extends fc.Arbitrary<infer T> ? T : never;

interface Site extends TemporaryLedger {
  /** Tokens of every hold that was placed. */
  readonly tokens: string[];
}

async function site(): Promise<Site> {
  const temporary = await temporaryLedger();
  for (const name of ACCOUNTS) {
    await seedAccount(temporary.ledger, { name, deposit: '300' });
  }
  for (const number of GRANTS) {
    await openAward(temporary.ledger, { number, dollars: '700', subawardCap: usd('50') });
  }
  // The plain budgets come first in order of draw: emptied, so that the grants pay.
  await tryLink(temporary.ledger, 'A', 'ml-7');
  await tryLink(temporary.ledger, 'B', 'bio', { basis: 'total' });
  await tryLink(temporary.ledger, 'B', 'ml-7', { dollars: '100', order: 1 });
  return { ...temporary, tokens: [] };
}

async function refund({ ledger }: Site, token: string): Promise<unknown> {
  const holds = { tokens: [token], owners: true, charges: true };
  return await askKeyless(ledger, { holds }, (view) => {
    const [parent] = view.charges;
    if (parent === undefined) {
      return { changes: [], answer: null };
    }
    const difference = negate(parent.amount);
    const ask = { parent, clusterId: view.clusterId, difference, cause: 'refund' } as const;
    const changes = adjustPost(view, ask);
    return isRefused(changes) ? changes : { changes, answer: null };
  });
}

async function changeHold(
  on: Site,
  operation: Extract<Operation, { nth: number }>,
): Promise<unknown> {
  const token = on.tokens.at(-1 - operation.nth);
  if (token === undefined) {
    return;
  }
  const query = { holds: { tokens: [token], owners: true, charges: true } };
  switch (operation.op) {
    case 'resize':
      return await ask(on.ledger, query, (view) =>
        extendHold(view, { token, taskAmount: usd(operation.dollars) }),
      );
    case 'charge':
      return await tryCharge(on.ledger, token, operation.dollars, {
        effective: { effectiveS: startOfDay(operation.day, 'UTC'), day: operation.day },
      });
    case 'amend':
      return await tryCharge(on.ledger, token, operation.dollars, { amend: true });
    case 'refund':
      return await refund(on, token);
    case 'release':
      return await askKeyless(on.ledger, query, (view) => releaseHold(view, { token }));
  }
}

async function changeGrant(
  { ledger }: Site,
  operation: Exclude<Operation, { nth: number } | { account: string }>,
): Promise<unknown> {
  const paper = { number: operation.grant, reference: 'letter' };
  const query = { awards: { numbers: [operation.grant], rating: true } };
  switch (operation.op) {
    case 'supplement':
      return await ask(ledger, query, (view) =>
        supplementAward(view, { ...paper, amount: usd(operation.dollars) }),
      );
    case 'deobligate':
      return await ask(ledger, query, (view) =>
        deobligateAward(view, { ...paper, amount: usd(operation.dollars), force: operation.force }),
      );
    case 'rate': {
      const [fromDay = 0, toDay = 0] = operation.days.toSorted((a, b) => a - b);
      const { rateE4, base } = operation;
      return await trySetRate(ledger, operation.grant, { rateE4, base, fromDay, toDay });
    }
    case 'entry':
      return await tryEntry(ledger, operation.grant, operation.dollars, {
        day: operation.day,
        inMtdc: operation.inMtdc,
        subaward: operation.subaward,
      });
    case 'cloud':
      return await ask(ledger, query, (view) =>
        updateAward(view, { number: operation.grant, cloudInMtdc: operation.cloudInMtdc }),
      );
    case 'extend': {
      const { rates } = await awardOf(ledger, operation.grant);
      const oldEndDay = Math.max(...rates.map(({ toDay }) => toDay));
      const newEndDay = addDays(oldEndDay, operation.days);
      const newEndS = endOfDay(newEndDay, 'UTC');
      return await ask(ledger, query, (view) =>
        extendAward(view, { ...paper, newEndS, newEndDay, oldEndDay }),
      );
    }
  }
}

async function act(on: Site, operation: Operation): Promise<unknown> {
  switch (operation.op) {
    case 'link': {
      const { dollars, order, basis } = operation;
      return await tryLink(on.ledger, operation.grant, operation.account, {
        ...(dollars !== undefined && { dollars }),
        order,
        basis,
      });
    }
    case 'unlink':
      return await tryUnlink(on.ledger, operation.grant, operation.account);
    case 'hold': {
      const { account: name, dollars: task, tasks, allowNegative } = operation;
      const answer = await tryPlace(on.ledger, { account: name, task, tasks, allowNegative });
      if (!isRefused(answer)) {
        on.tokens.push(answer.token);
      }
      return answer;
    }
    case 'resize':
    case 'charge':
    case 'amend':
    case 'refund':
    case 'release':
      return await changeHold(on, operation);
    default:
      return await changeGrant(on, operation);
  }
}

function same(a: Money, b: Money, what: string): void {
  assert(a === b, `${what}: ${toDecimal(a)}, not ${toDecimal(b)}`);
}

/** What the award got is what it has, what its budgets have, and what was spent. */
function tiesOut({ award, left, external, faExternal, budgets }: AwardFigures): void {
  const parts = budgets.flatMap(({ free, held, spent, faHeld, faSpent }) => [
    ...[free, held, spent, faHeld, faSpent],
  ]);
  same(sum([left, external, faExternal, ...parts]), award.amount, award.number);
}

/** The F&A of every rate row is its rate on what was spent in its days, rounded once. */
function faAddsUp(figures: AwardFigures): void {
  const { award, rates, spentOnDays, entries, budgets, faExternal } = figures;
  const standing = rates.filter(({ replacedBy }) => replacedBy === undefined);
  const bases = entryBases(award, entries);
  const wanted = standing.map((rate, at) => {
    // The last row goes on after its end (budget.md 8.2).
    const until = at === standing.length - 1 ? 99_999_999 : rate.toDay;
    function isIn(on: number): boolean {
      return rate.fromDay <= on && on <= until;
    }
    const jobs = award.cloudInMtdc ? spentOnDays.filter(({ day: on }) => isIn(on)) : [];
    const outside = entries
      .filter(({ day: on }) => isIn(on))
      .map(({ entryId }) => bases.get(entryId)?.[rate.base] ?? ZERO);
    const base =
      rate.base === 'none' ? ZERO : sum([...jobs.map(({ amount }) => amount), ...outside]);
    return indirectOf(base, rate.rateE4);
  });
  const posted = plus(sum(budgets.map(({ faSpent }) => faSpent)), faExternal);
  same(posted, sum(wanted), `F&A of ${award.number}`);
  // And the rows meet without gap or overlap.
  for (const [at, rate] of standing.entries()) {
    const next = standing[at + 1];
    assert(
      next === undefined || next.fromDay === addDays(rate.toDay, 1),
      `a gap or an overlap after ${rate.toDay}`,
    );
  }
  assert(standing[0]?.fromDay === GRANT_START, 'rates begin with the grant');
}

function periodsAddUp({ award, changes, spentOnDays, budgets }: AwardFigures): void {
  const steps = changes
    .filter(({ kind }) => kind === 'SUPPLEMENT' || kind === 'REDUCTION')
    .map(({ delta }) => ({ day: 20_261_121, delta }));
  const periods = grantPeriods({
    startDay: GRANT_START,
    plannedEndDay: GRANT_END,
    endDay: GRANT_END,
    periodMonths: award.periodMonths,
    total: minus(award.total, sum(steps.map(({ delta }) => delta))),
    steps,
  });
  same(sum(periods.map(({ amount }) => amount)), award.total, 'periods');
  const spending = spentOnDays.map(({ day: on, amount }) => ({ day: on, amount }));
  const committed = sum(budgets.map(({ held }) => held));
  const facts = {
    policy: 'automatic',
    approvals: [],
    spending,
    committed,
    today: 20_270_601,
  } as const;
  const carried = carryForward(periods, facts);
  const spent = sum(spending.map(({ amount }) => amount));
  // What is open at the end of the chain is the award less what was spent and is held: nothing more.
  const open = carried.filter(({ period }) => period.endDay >= facts.today);
  same(
    sum(open.map(({ remaining }) => remaining)),
    minus(minus(award.total, spent), committed),
    'carried on',
  );
}

async function check(on: Site): Promise<void> {
  for (const number of GRANTS) {
    const figures = await awardOf(on.ledger, number);
    tiesOut(figures);
    faAddsUp(figures);
    periodsAddUp(figures);
    // An unforced act never leaves an award below zero; costs and forced cuts may.
    assert(!exceeds(ZERO, figures.award.amount), 'an award is never below zero');
  }
  for (const name of ACCOUNTS) {
    const { budgets } = await figuresOf(on.ledger, name);
    const ranks = new Set(budgets.map(({ budget }) => budget.rank));
    assert(ranks.size === budgets.length, `two budgets of ${name} have one rank`);
  }
  const broken = await on.broken();
  assert(broken.length === 0, `broken: ${broken.join()}`);
}

it('any order of acts keeps the invariants, and the sums tie out', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(OPERATION, { minLength: 15, maxLength: 40, size: 'max' }),
      async (operations) => {
        const on = await site();
        for (const operation of operations) {
          await act(on, operation);
        }
        await check(on);
        on.ledger.close();
      },
    ),
    { numRuns: RUNS },
  );
});

it('a day of much work ties out after every single act', async () => {
  const on = await site();
  for (const [number, name] of [
    ['A', 'ml-7'],
    ['B', 'ml-7'],
    ['A', 'bio'],
  ] as const) {
    await tryLink(on.ledger, number, name, { dollars: '150' });
  }
  for (let at = 0; at < 12; at += 1) {
    const name = ACCOUNTS[at % 2] ?? 'ml-7';
    const token = await place(on.ledger, { account: name, task: '7.013577' });
    await tryCharge(on.ledger, token, `${at}.0${at}5`, {
      effective: { effectiveS: startOfDay(20_260_101 + at, 'UTC'), day: 20_260_101 + at },
    });
    await check(on);
  }
  expect(await on.broken()).toEqual([]);
});
