// A ledger of a thousand accounts after so many transactions, made by SQL: each job a hold and a charge,
// spread over the days of 2026. The sums are those of the postings; the chain is not real, so this is
// never verified.
import { JOB_DAYS } from '../../src/adapters/sqlite/job-days.ts';
import { openLedger } from '../../src/adapters/sqlite/open.ts';
import { runAll } from './tools.mjs';

export const ACCOUNTS = 1000;
const GRANTS = 100;
/** Of 2026: up to the middle of November. */
const DAYS = 320;

const COUNT = (name) =>
  `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<@${name})`;
const DAY = (i) =>
  `CAST(strftime('%Y%m%d','2026-01-01','+'||(((${i})*7+(${i})/@accounts*37)%${DAYS})||' days') AS INTEGER)`;
/** Budgets 1 to @accounts; their ledger accounts 10 × budget + 1 free, 2 held, 3 spent. */
const BUDGET = (i) => `(1+(${i})*31%@accounts)`;
const NODE_HOURS = (i) => `(100000+(${i})*7919%9000000)`;

const FILL = [
  `INSERT INTO cluster(cluster_id,name) VALUES(1,'bench') ON CONFLICT DO NOTHING`,
  `INSERT INTO account(account_id,name,status,start_s,end_s,title,created_us,updated_us)
   ${COUNT('accounts')} SELECT i, printf('lab-%04d',i), 'active', 1767225600, 1798761599, 'Laboratory '||i, i, i FROM n`,
  'INSERT INTO slurm_name(name,cluster_id,account_id) SELECT name, 0, account_id FROM account',
  `INSERT INTO award(award_id,number,amount_micro,total_micro,start_s,end_s,agency,pi,institution)
   ${COUNT('grants')} SELECT i, printf('NSF-2026-%05d',i), 500000000000, 500000000000, 1767225600, 1830297599, 'NSF', 'PI '||i, 'University' FROM n`,
  `INSERT INTO budget(budget_id,account_id,award_id) ${COUNT('accounts')} SELECT i, i, CASE WHEN i%10=0 THEN i/10 END FROM n`,
  `INSERT INTO ledger_account(la_id,kind,owner_id) VALUES(1,'source',0)`,
  ...['free', 'held', 'spent'].map(
    (kind, at) =>
      `INSERT INTO ledger_account(la_id,kind,owner_id) ${COUNT('accounts')} SELECT 10*i+${at + 1}, '${kind}', i FROM n`,
  ),
  `INSERT INTO txn(seq,at_us,kind,effective_s,day) ${COUNT('accounts')} SELECT i, i, 'fund', 1767225600, 20260101 FROM n`,
  `INSERT INTO posting(txn_seq,line,la_id,amount_micro) ${COUNT('accounts')} SELECT i, 0, 1, -50000000000 FROM n`,
  `INSERT INTO posting(txn_seq,line,la_id,amount_micro) ${COUNT('accounts')} SELECT i, 1, 10*i+1, 50000000000 FROM n`,
  `INSERT INTO hold(hold_id,cluster_id,budget_id,token,job_id,submit_s,partition,user_name,amount_micro,state,opened_seq,ended_seq,expires_s)
   ${COUNT('jobs')} SELECT i, 1, ${BUDGET('i')}, printf('h%025d',i), i, i, CASE i%3 WHEN 0 THEN 'gpu' ELSE 'cpu' END, 'u'||(i%200),
     ${NODE_HOURS('i')}+50000, 'charged', @accounts+2*i-1, @accounts+2*i, i FROM n`,
  ...['hold', 'charge'].map(
    (kind, at) => `INSERT INTO txn(seq,at_us,kind,effective_s,day,cluster_id,hold_id)
   ${COUNT('jobs')} SELECT @accounts+2*i-1+${at}, 1767225600000000+i*50000000, '${kind}', 1767225600+i*50, ${DAY('i')}, 1, i FROM n`,
  ),
  ...[
    ['2*i-1', 0, 1, `-${NODE_HOURS('i')}-50000`, 'NULL', "''"],
    ['2*i-1', 1, 2, `${NODE_HOURS('i')}+50000`, 'i', "CASE i%3 WHEN 0 THEN 'gpu' ELSE 'cpu' END"],
    ['2*i', 0, 2, `-${NODE_HOURS('i')}-50000`, 'i', "CASE i%3 WHEN 0 THEN 'gpu' ELSE 'cpu' END"],
    ['2*i', 1, 3, NODE_HOURS('i'), 'NULL', "CASE i%3 WHEN 0 THEN 'gpu' ELSE 'cpu' END"],
    ['2*i', 2, 1, '50000', 'NULL', "''"],
  ].map(
    ([seq, line, la, amount, holdId, partition]) =>
      `INSERT INTO posting(txn_seq,line,la_id,amount_micro,hold_id,partition)
   ${COUNT('jobs')} SELECT @accounts+${seq}, ${line}, 10*${BUDGET('i')}+${la}, ${amount}, ${holdId}, ${partition} FROM n`,
  ),
  `INSERT INTO journal(seq,at_us,actor_uid,actor,verb,txn_seq,body,prev_hash,hash)
   SELECT seq+(SELECT COALESCE(MAX(seq),0) FROM journal), at_us, 0, 'root', 'submit', seq, printf('{"args":{},"padding":"%0200d"}',seq), zeroblob(32), zeroblob(32) FROM txn ORDER BY seq`,
  'INSERT INTO balance SELECT la_id, SUM(amount_micro) FROM posting GROUP BY la_id',
  `INSERT INTO partition_balance SELECT la_id, partition, SUM(amount_micro) FROM posting WHERE partition<>''
   GROUP BY la_id, partition`,
  `INSERT INTO day_spend SELECT a.owner_id, t.day, p.partition, SUM(p.amount_micro), 0
   FROM posting p JOIN txn t ON t.seq=p.txn_seq JOIN ledger_account a USING(la_id) WHERE a.kind='spent' GROUP BY 1,2,3`,
  `INSERT INTO job_day ${JOB_DAYS}`,
];

/** Into an empty ledger of this version. */
export function fillBudgets(place, transactions) {
  const { db } = openLedger(place, 'write');
  db.pragma('synchronous=OFF');
  db.pragma('cache_size=-400000');
  const bound = {
    accounts: BigInt(ACCOUNTS),
    grants: BigInt(GRANTS),
    jobs: BigInt(Math.floor((transactions - ACCOUNTS) / 2)),
  };
  runAll(db, FILL, bound);
  db.pragma('wal_checkpoint(TRUNCATE)');
  db.close();
}
