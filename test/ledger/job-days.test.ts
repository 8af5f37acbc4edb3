import { expect, it } from 'vitest';
import { addToJobDays } from '../../src/adapters/sqlite/job-days.ts';
import { Statements } from '../../src/adapters/sqlite/statements.ts';
import { accountUsage } from '../../src/adapters/sqlite/usage-rows.ts';
import { temporaryLedger } from '../support/ledger.ts';

// Jobs of a span of days are counted from kept sums; here beside the charges themselves, for jobs that
// are charged again and again, in any order of days, by two budgets of one account.

const FIRST = 20_260_101;
const DAYS = 9;
const CHARGES = 60;

function chance(seed: number): (below: number) => number {
  let state = seed * 2_654_435_761;
  return (below) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((state / 2_147_483_648) * below);
  };
}

it.each([1, 2, 3])('counts each job once in any span of days (I2), seed %i', async (seed) => {
  const temporary = await temporaryLedger();
  temporary.mayBeBroken(); // charges without postings: only what counts jobs is looked at
  const db = temporary.raw();
  db.pragma('foreign_keys=OFF');
  db.exec(`INSERT INTO cluster VALUES(1,'c') ON CONFLICT DO NOTHING;
    INSERT INTO account(account_id,name,start_s,end_s) VALUES(1,'a',0,9),(2,'b',0,9);
    INSERT INTO budget(budget_id,account_id,rank) VALUES(1,1,0),(2,1,1),(3,2,0)`);
  const sql = new Statements(db);
  const below = chance(seed);
  for (let seq = 1; seq <= CHARGES; seq += 1) {
    const isTied = below(5) > 0;
    const holdId = 1000 * (1 + below(3)) + below(12); // the budget, and one of its holds
    const day = FIRST + below(DAYS);
    const kind = below(3) === 0 ? 'late' : 'charge';
    db.prepare(
      `INSERT INTO hold(hold_id,cluster_id,budget_id,token,job_id,submit_s,array_task,restart,amount_micro,state,opened_seq,ended_seq,expires_s)
       VALUES(?,1,?,?,?,?,?,?,1,'charged',1,2,1) ON CONFLICT DO NOTHING`,
    ).run(
      ...[holdId, Math.floor(holdId / 1000), `t${holdId}`, isTied ? 7 + below(2) : null, holdId],
      ...[below(3) - 1, holdId],
    );
    db.prepare(
      'INSERT INTO txn(seq,at_us,kind,effective_s,day,cluster_id,hold_id) VALUES(?,1,?,1,?,1,?)',
    ).run(seq, kind, day, holdId);
    addToJobDays(sql, { kind, lines: [], effectiveS: 1, day, holdId }, seq);
  }
  const counted = db.prepare<[number, number], { name: string; jobs: bigint }>(
    `SELECT a.name, COUNT(DISTINCT CASE WHEN h.job_id IS NULL THEN h.token ELSE h.job_id||'_'||h.array_task END) jobs
     FROM account a LEFT JOIN (budget b JOIN hold h USING(budget_id) JOIN txn t ON t.hold_id=h.hold_id AND t.day BETWEEN ? AND ?)
     USING(account_id) GROUP BY 1 ORDER BY 1`,
  );
  const wrong: string[] = [];
  for (const from of [0, ...Array.from({ length: DAYS }, (_, at) => FIRST + at)]) {
    for (let to = Math.max(from, FIRST); to < FIRST + DAYS; to += 1) {
      const kept = accountUsage(sql, { fromDay: from, toDay: to }).map((row) => row.jobCount);
      const real = counted.all(from, to).map(({ jobs }) => Number(jobs));
      if (kept.join() !== real.join()) {
        wrong.push(`${from} to ${to}: ${kept.join()}, not ${real.join()}`);
      }
    }
  }
  db.close();
  expect(wrong).toEqual([]);
});
