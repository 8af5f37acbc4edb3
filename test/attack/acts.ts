import type { CliSite } from '../support/cli.ts';
import { randomFrom } from '../support/worker.ts';

// Any command that an administrator may give about money, by chance.

const PERIOD = ['--start', '2026-01-01', '--end', '2028-12-31'];
export const ACCOUNTS = ['a', 'b', 'c'] as const;
export const GRANTS = ['G1', 'G2'] as const;

export class Chance {
  readonly #random: Generator<number>;

  constructor(seed: number) {
    this.#random = randomFrom(seed);
  }

  below(count: number): number {
    return Math.floor(Number(this.#random.next().value) * count);
  }

  of<T>(choices: readonly [T, ...T[]]): T {
    return choices[this.below(choices.length)] ?? choices[0];
  }

  usd(most = 120): string {
    return (this.below(most * 1000) / 1000 + 0.001).toFixed(3);
  }
}

/** Two grants, three accounts (c below b), two schedules, one link. */
export async function furnish(site: CliSite): Promise<void> {
  const who = ['--agency', 'NSF', '--pi', 'Ada', '--institution', 'U', ...PERIOD];
  for (const number of GRANTS) {
    await site.ok('grant', 'create', '--number', number, '--amount', '900', ...who);
  }
  for (const name of ACCOUNTS) {
    const parent = name === 'c' ? ['--parent', 'b'] : [];
    await site.ok(
      ...['account', 'create', '--account', name, '--name', name, '--budget', '400', ...PERIOD],
      ...parent,
    );
  }
  const terms = ['--total-budget', '300', '--allocation-amount', '40'];
  const monthly = [...terms, '--allocation-frequency', 'monthly', '--start', '2026-03-01'];
  await site.ok('allocations', 'create', '--account', 'a', ...monthly, '--unspent', 'lapse');
  await site.ok('grant', 'link', 'G1', 'b', '--amount', '150', '--order', '1');
  await site.ok('allocations', 'create', '--account', 'b', '--grant', 'G1', ...monthly);
}

/** `G1 … --amount 12.5` and the like: the words after the command. */
function grantAct(pick: Chance): readonly string[] {
  const grant = pick.of(GRANTS);
  const account = pick.of(ACCOUNTS);
  const paper = ['--reference', `r${pick.below(1e9)}`];
  const link = ['grant', 'link', grant, account, '--amount', pick.usd()];
  const rate = ['grant', 'rate', grant, '--rate', pick.of(['0', '0.1', '0.555', '1']), ...paper];
  const dates = pick.of(['2026-01-01', '2026-03-15', '2026-04-01', '2026-07-01']);
  const entry = ['--kind', 'expenditure', '--category', pick.of(['travel', 'equipment'])];
  return pick.of<readonly string[]>([
    link,
    [...link, '--order', '1'],
    [...link, '--basis', pick.of(['total', 'direct'])],
    ['grant', 'unlink', grant, account],
    ['grant', 'unlink', grant, account],
    ['grant', 'supplement', grant, '--amount', pick.usd(), ...paper],
    ['grant', 'deobligate', grant, '--amount', pick.usd(), ...paper],
    ['grant', 'deobligate', grant, '--amount', pick.usd(600), '--force', ...paper],
    [...rate, '--from', dates],
    [...rate, '--from', dates, '--base', pick.of(['TDC', 'none', 'MTDC'])],
    [
      ...['grant', 'entry', 'add', grant, '--date', '2026-03-01', ...entry, ...paper],
      ...['--amount', pick.of(['', '-']) + pick.usd()],
    ],
    ['grant', 'close', grant, ...pick.of([[], ['--force']])],
    ['grant', 'update', grant, '--status', 'active'],
    ['grant', 'extend', grant, '--end', pick.of(['2029-06-30', '2030-06-30']), ...paper],
  ]);
}

function accountAct(pick: Chance): readonly string[] {
  const account = pick.of(ACCOUNTS);
  const why = ['--reason', 'x'];
  const amount = ['--amount', pick.usd()];
  return pick.of<readonly string[]>([
    ['account', 'adjust', account, ...amount, ...why],
    ['account', 'adjust', account, '--amount', `-${pick.usd()}`, ...why],
    [
      ...['account', 'adjust', account, '--amount', pick.of(['', '-']) + pick.usd(), ...why],
      ...['--partition', pick.of(['aws', 'hpc'])],
    ],
    ['account', 'transfer', account, pick.of(ACCOUNTS), ...amount, ...why],
    ['account', 'deposit', account, ...amount, ...why],
    ['account', 'update', account, '--budget', pick.usd(900), ...pick.of([[], ['--force']])],
    ['account', 'update', account, '--federal-share', pick.of(['0', '0.333', '1'])],
    ['account', 'update', account, '--parent', pick.of(['', 'a', 'b'])],
    ['account', 'limit', 'set', account, '--partition', 'aws', '--limit', pick.usd()],
    ['account', 'delete', account],
    ['account', 'update', account, '--status', 'active'],
    ['allocations', 'process'],
    ['allocations', 'process', '--schedule', pick.of(['1', '2']), ...amount, ...why],
    ['allocations', pick.of(['pause', 'resume']), pick.of(['1', '2'])],
    ['allocations', 'resume', pick.of(['1', '2']), '--skip-missed'],
  ]);
}

function jobAct(pick: Chance, last: number): readonly string[] {
  const job = String(1 + pick.below(12));
  const txn = `txn_${1 + pick.below(last)}`;
  const where = ['--partition', 'aws', '--nodes', '1', '--cpus', '1', '--time', '1:00:00'];
  const cost = ['--estimated-cost', pick.usd(), '--job-id', job];
  const check = ['check', '--account', pick.of(ACCOUNTS), ...where, ...cost];
  return pick.of<readonly string[]>([
    check,
    check,
    check,
    ['reconcile', job, '--actual-cost', pick.usd()],
    ['reconcile', job, '--actual-cost', pick.usd()],
    ['reconcile', job, '--actual-cost', pick.usd(), '--amend'],
    ['reconcile', job, '--actual-cost', '0', '--amend'],
    ['reconcile', job, '--release'],
    ['transactions', 'refund', txn, '--reason', 'x'],
    ['transactions', 'refund', txn, '--amount', pick.usd(40), '--reason', 'x'],
    ['transactions', 'adjust', txn, '--amount', pick.of(['', '-']) + pick.usd(), '--reason', 'x'],
    ['transactions', 'reverse', txn, '--reason', 'x'],
    ['transactions', 'reverse', txn, '--reason', 'x'],
  ]);
}

/** The words of one command; transactions up to `last` are known. */
export function actOf(pick: Chance, last: number): readonly string[] {
  return pick.of([grantAct, accountAct, jobAct, jobAct])(pick, last);
}

/** Nothing is held or used below zero, and no closed budget was given anything. */
export const NEGATIVE = `SELECT a.kind, a.owner_id FROM balance JOIN ledger_account a USING(la_id)
  WHERE amount_micro<0 AND a.kind IN('held','fa_held','spent','fa_spent')
  UNION ALL SELECT partition, la_id FROM partition_balance JOIN ledger_account a USING(la_id)
    WHERE amount_micro<0 AND a.kind IN('held','fa_held')
  UNION ALL SELECT 'buried', budget_id FROM budget b JOIN ledger_account a ON a.kind='free' AND a.owner_id=b.budget_id
    JOIN balance p USING(la_id) WHERE b.closed AND p.amount_micro>0 AND NOT EXISTS(
      SELECT 1 FROM txn t JOIN posting q ON q.txn_seq=t.seq WHERE q.la_id=a.la_id AND t.kind IN('release','charge','adjust'))`;
/** What an award was given is what it has, what its budgets have, and what was spent of it. */
export const ASTRAY = `SELECT w.number FROM award w WHERE w.amount_micro<>(SELECT COALESCE(SUM(p.amount_micro),0)
  FROM ledger_account a JOIN balance p USING(la_id)
  WHERE (a.kind IN('award','external','fa_external') AND a.owner_id=w.award_id)
    OR (a.kind IN('free','held','spent','fa_held','fa_spent')
      AND a.owner_id IN(SELECT budget_id FROM budget WHERE award_id=w.award_id)))`;
