import { expect, it } from 'vitest';
import { Fault } from '../../src/core/errors.ts';
import { settlePass } from '../../src/flows/steps/settle/run-pass.ts';
import type { Ledger } from '../../src/ports/ledger.ts';
import { nodeNames } from '../burst/support/site.ts';
import { type SettleSite, startSettleSite } from './support/settle-site.ts';

/** A process that dies at its nth decision, before it or right after the commit. */
function dying(ledger: Ledger, nth: number, when: 'before' | 'after'): Ledger & { count: number } {
  const made = {
    count: 0,
    read: ledger.read.bind(ledger),
    close: () => undefined,
    decide: (async (request, query, choose) => {
      made.count += 1;
      if (made.count === nth && when === 'before') {
        throw new Fault('killed', { exitCode: 75 });
      }
      const answer = await ledger.decide(request, query, choose);
      if (made.count === nth) {
        throw new Fault('killed', { exitCode: 75 });
      }
      return answer;
    }) as Ledger['decide'],
  };
  return made;
}

/** Two gangs on shared history, an array, a requeue, a cancelled job: much for one pass to do. */
async function busySite(): Promise<SettleSite> {
  const site = await startSettleSite();
  const [first, second, cancelled] = [
    await site.submit({ amount: '20' }),
    await site.submit({ amount: '20' }),
    await site.submit({ amount: '20' }),
  ];
  const nodes = nodeNames('cpu', 1, 3);
  await site.allocate(first, nodes);
  await site.forward(60);
  site.accounted.register(nodes);
  await site.forward(100);
  site.accounted.requeue(first);
  site.accounted.cancel(cancelled);
  await site.forward(20);
  await site.allocate(second, nodes.slice(0, 2));
  await site.forward(80);
  site.accounted.end(second);
  site.accounted.complete(second);
  await site.allocate(first, nodes.slice(2));
  await site.forward(50);
  site.accounted.end(first);
  site.accounted.complete(first);
  await site.powerOff(nodes);
  await site.reconcile();
  return site;
}

function balances(site: SettleSite): unknown {
  const db = site.books.raw();
  const rows = {
    holds: db.prepare('SELECT token, state, restart FROM hold ORDER BY token').all(),
    spent: db
      .prepare(
        `SELECT h.token, SUM(p.amount_micro) v FROM posting p JOIN ledger_account a USING(la_id)
         JOIN txn t ON t.seq=p.txn_seq JOIN hold h ON h.hold_id=t.hold_id WHERE a.kind='spent' GROUP BY 1`,
      )
      .all()
      .map((row) => (row as { token: string; v: bigint }).v), // safe integers are on
    notes: db.prepare("SELECT name FROM note WHERE name LIKE 'run:%' OR name='cost-files'").all(),
  };
  db.close();
  return rows;
}

it('killed before or after any of its transactions, the next pass ends where it would have', async () => {
  const whole = await busySite();
  const counted = dying(whole.books.ledger, -1, 'before');
  await settlePass({ ...whole.all, ledger: counted });
  const expected = balances(whole);
  expect(whole.booked()).toEqual({ spent: await whole.billed(), held: 0n });
  expect(counted.count).toBeGreaterThan(4);
  for (let nth = 1; nth <= counted.count; nth += 1) {
    for (const when of ['before', 'after'] as const) {
      const site = await busySite();
      const ledger = dying(site.books.ledger, nth, when);
      await expect(settlePass({ ...site.all, ledger })).rejects.toThrow('killed');
      await site.settle();
      expect(site.booked(), `${when} ${nth}`).toEqual({ spent: await site.billed(), held: 0n });
      const { holds, ...rest } = balances(site) as { holds: readonly { state: string }[] };
      const { holds: wanted, ...others } = expected as { holds: readonly { state: string }[] };
      expect(
        holds.map(({ state }) => state),
        `${when} ${nth}`,
      ).toEqual(wanted.map(({ state }) => state));
      expect(rest, `${when} ${nth}`).toEqual(others);
    }
  }
});
