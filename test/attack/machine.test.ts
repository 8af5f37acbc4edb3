import { join } from 'node:path';
import { expect, it } from 'vitest';
import { assert } from '../../src/core/errors.ts';
import { clockSite, type GrantSite } from '../reports/grant-site.ts';
import { hledger } from '../support/programs.ts';
import { SCALE } from '../support/worker.ts';
import { ASTRAY, actOf, Chance, furnish, GRANTS, NEGATIVE } from './acts.ts';

// An administrator with no plan: any commands in any order, by seed. After each the books verify, nothing
// was used below zero, an award is where it says it is, and a refusal has posted nothing.

const STEPS = 40;
const SEEDS = Array.from({ length: 2 * SCALE }, (_, at) => at + 1);

const LAST = 'SELECT COALESCE(MAX(seq),0) seq FROM txn';

function lastOf(site: GrantSite): number {
  const [row] = site.raw(LAST) as { seq: bigint }[];
  return Number(row?.seq);
}

async function step(site: GrantSite, pick: Chance): Promise<string> {
  const before = lastOf(site);
  const act = actOf(pick, before);
  const line = act.join(' ');
  const { code, stdout, stderr } = await site.asbb(...act);
  assert([0, 2, 3, 10].includes(code), `${line}: ${code} ${stderr}${stdout}`);
  // What is due may be posted on the way to the answer (budget.md 4.5): that is no part of what was asked.
  const posted = site.raw(
    `SELECT 1 FROM txn WHERE seq>${before} AND kind NOT IN('allocate','lapse')`,
  );
  assert(code === 0 || posted.length === 0, `${line}: refused, and posted`);
  const verified = await site.asbb('ledger', 'verify');
  assert(verified.code === 0, `${line}\n${verified.stdout}`);
  for (const sql of [NEGATIVE, ASTRAY]) {
    const wrong = site.raw(sql).map((row) => Object.values(row).join(' '));
    assert(wrong.length === 0, `${line}: ${wrong.join()}`);
  }
  return `${code} ${line}`;
}

/** Every balance as hledger adds it up. */
async function roundTrip(site: GrantSite): Promise<readonly [number[], number[]]> {
  const file = join(site.root, 'books.journal');
  await site.ok('transactions', 'export', '--format', 'hledger', '--output', file);
  const words = ['-f', file, 'balance', '--flat', '--no-total', '-N', '-O', 'csv', '--empty'];
  const { error, stdout } = hledger(...words);
  if (error !== undefined) {
    return [[], []]; // not installed here
  }
  const theirs = [...stdout.matchAll(/"(-?[\d.]+) USD"$/gmu)].map(([, sum]) => Number(sum));
  const ours = site.raw('SELECT amount_micro m FROM balance') as { m: bigint }[];
  const numbers = ours.map(({ m }) => Number(m) / 1e6);
  return [theirs, numbers].map((sums) => sums.filter((sum) => sum !== 0).toSorted()) as [
    number[],
    number[],
  ];
}

it.each(SEEDS)('seed %i', async (seed) => {
  const site = clockSite();
  site.goTo('2026-03-01');
  await site.ok('ledger', 'migrate');
  await furnish(site);
  const pick = new Chance(seed);
  const done: string[] = [];
  try {
    let day = Date.parse('2026-03-01');
    for (let at = 0; at < STEPS; at += 1) {
      if (pick.below(5) === 0) {
        day += pick.below(12) * 86_400_000;
        site.goTo(new Date(day).toISOString().slice(0, 10));
      }
      done.push(await step(site, pick));
    }
    const [theirs, ours] = await roundTrip(site);
    expect(theirs).toEqual(ours);
    for (const number of GRANTS) {
      await site.ok('grant', 'report', number, '--type', 'financial');
    }
  } catch (error) {
    throw new Error(`seed ${seed}: ${done.join('\n')}`, { cause: error });
  } finally {
    site.close();
  }
});
