import { createHash } from 'node:crypto';
import type Database from 'better-sqlite3';

// Books written with raw SQL, and the journal and sums of whatever stands in them made anew: what
// somebody with full rights on the file could do. Shares no code with the product.

type Row = Record<string, unknown>;
type Raw = Database.Database;

const DAY = 20_251_121;
const AT_S = 1_763_712_000;
const IMAGED = [
  ...['award', 'fa_rate', 'account', 'slurm_name', 'budget', 'partition_limit'],
  ...['schedule', 'hold'],
];

function canonical(value: unknown): string {
  if (Array.isArray(value)) {
    return `[${value.map(canonical).join(',')}]`;
  }
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
    return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${canonical(member)}`).join(',')}}`;
  }
  return JSON.stringify(value);
}

function image(row: Row): Row {
  return Object.fromEntries(
    Object.entries(row).map(([column, cell]) => {
      if (typeof cell !== 'bigint') {
        return [column, cell];
      }
      return [column, column.endsWith('_micro') ? String(cell) : Number(cell)];
    }),
  );
}

function rows(db: Raw, sql: string, ...cells: unknown[]): Row[] {
  return db.prepare<unknown[], Row>(sql).all(...cells);
}

/** Runs with the guards of the append-only tables off, and puts them back as they were. */
export function unguarded(db: Raw, act: () => void): void {
  const triggers = rows(db, "SELECT name, sql FROM sqlite_schema WHERE type='trigger'");
  db.pragma('foreign_keys=OFF');
  for (const { name } of triggers) {
    db.exec(`DROP TRIGGER ${name}`);
  }
  act();
  for (const { sql } of triggers) {
    db.exec(String(sql));
  }
}

/** Every kept sum, from the postings. */
export function resum(db: Raw): void {
  db.exec(`DELETE FROM balance; DELETE FROM partition_balance; DELETE FROM day_spend; DELETE FROM below;
    INSERT INTO balance SELECT la_id, SUM(amount_micro) FROM posting GROUP BY 1;
    INSERT INTO partition_balance SELECT la_id, partition, SUM(amount_micro) FROM posting WHERE partition<>'' GROUP BY 1,2;
    INSERT INTO day_spend SELECT owner_id, day, partition, SUM((a.kind='spent')*amount_micro), SUM((a.kind='fa_spent')*amount_micro)
      FROM posting JOIN txn ON seq=txn_seq JOIN ledger_account a USING(la_id) WHERE a.kind IN('spent','fa_spent') GROUP BY 1,2,3;
    WITH RECURSIVE up(acc,top) AS (SELECT account_id, parent_id FROM account WHERE parent_id IS NOT NULL
      UNION SELECT acc, parent_id FROM up JOIN account ON account_id=top WHERE parent_id IS NOT NULL)
    INSERT INTO below SELECT top, SUM((kind='held')*amount_micro), SUM((kind='spent')*amount_micro)
      FROM up JOIN budget ON account_id=acc JOIN ledger_account ON owner_id=budget_id AND kind IN('held','spent')
      JOIN posting USING(la_id) GROUP BY top`);
  if (db.prepare("SELECT 1 FROM sqlite_schema WHERE name='job_day'").get() !== undefined) {
    db.exec(`DELETE FROM job_day;
    WITH c(account_id,job,day) AS (SELECT DISTINCT account_id, CASE WHEN job_id IS NULL THEN token ELSE hold.cluster_id||'.'||job_id||'.'||array_task END, day
      FROM txn JOIN hold USING(hold_id) JOIN budget USING(budget_id) WHERE kind IN('charge','late'))
    INSERT INTO job_day SELECT account_id, day, COALESCE((SELECT MAX(o.day) FROM c o WHERE o.account_id=c.account_id AND o.job=c.job AND o.day<c.day),0) since, COUNT(*)
      FROM c GROUP BY 1,2,3 UNION ALL SELECT account_id, 0, 0, COUNT(DISTINCT job) FROM c GROUP BY 1`);
  }
}

const TXN =
  'SELECT cause,cluster_id,day,effective_s,hold_id,kind,over,parent,reverses FROM txn WHERE seq=?';
const POSTINGS =
  'SELECT line,la_id,amount_micro,hold_id,partition FROM posting WHERE txn_seq=? ORDER BY line';

/** Row images of a table, as text for a body. */
function imagesOf(db: Raw): Record<string, Row[]> {
  const all = IMAGED.map((table): [string, Row[]] => [
    table,
    rows(db, `SELECT * FROM ${table}`).map(image),
  ]);
  return Object.fromEntries(all.filter(([, list]) => list.length > 0));
}

/** What each row of a journal made anew tells: first all images, then one transaction each. */
function bodies(db: Raw): [txnSeq: number | null, body: Row][] {
  const txns = rows(db, 'SELECT seq FROM txn ORDER BY seq').map(({ seq }): [number, Row] => [
    Number(seq),
    {
      outcome: 'ok',
      postings: rows(db, POSTINGS, seq).map((line) => Object.values(image(line))),
      txn: image(rows(db, TXN, seq)[0] ?? {}),
    },
  ]);
  return [[null, { outcome: 'ok', rows: imagesOf(db) }], ...txns];
}

/** The whole journal, from the rows. */
export function rechain(db: Raw): void {
  db.exec('DELETE FROM journal');
  const put = db.prepare('INSERT INTO journal VALUES(?,?,?,?,?,?,?,?,?)');
  let previous = Buffer.alloc(32);
  for (const [at, [txnSeq, body]] of bodies(db).entries()) {
    const link = [at + 1, AT_S * 1e6, 0, 'root', 'by hand', txnSeq, canonical(body)];
    const hash = createHash('sha256').update(previous).update(canonical(link)).digest();
    put.run(...link, previous, hash);
    previous = hash;
  }
}

/** `kind owner amount [hold] [partition]`, e.g. `held 2 10 1 aws`; amounts in dollars. */
export type LineText = string;

export interface RawTxn {
  readonly kind: string;
  readonly lines: readonly LineText[];
  readonly cause?: string;
  readonly over?: number;
  readonly cluster?: number;
  readonly hold?: number;
  readonly parent?: number;
  readonly reverses?: number;
}

function laId(db: Raw, kind: string, owner: number): unknown {
  db.prepare('INSERT OR IGNORE INTO ledger_account(kind,owner_id) VALUES(?,?)').run(kind, owner);
  const [row] = rows(
    db,
    'SELECT la_id FROM ledger_account WHERE kind=? AND owner_id=?',
    kind,
    owner,
  );
  return row?.['la_id'];
}

/** The next transaction with its postings and its key; sums and journal come later. */
export function rawTxn(db: Raw, txn: RawTxn): number {
  const [last] = rows(db, 'SELECT COALESCE(MAX(seq),0)+1 seq FROM txn');
  const seq = Number(last?.['seq']);
  db.prepare('INSERT INTO txn VALUES(?,?,?,?,?,?,?,?,?,?,?)').run(
    ...[seq, AT_S * 1e6, txn.kind, txn.cause ?? '', txn.over ?? 0, AT_S, DAY],
    ...[txn.cluster ?? null, txn.hold ?? null, txn.parent ?? null, txn.reverses ?? null],
  );
  for (const [line, text] of txn.lines.entries()) {
    const [kind = '', owner, dollars, hold, partition = ''] = text.split(' ');
    db.prepare('INSERT INTO posting VALUES(?,?,?,?,?,?)').run(
      ...[seq, line, laId(db, kind, Number(owner)), BigInt(Math.round(Number(dollars) * 1e6))],
      ...[hold === undefined || hold === '-' ? null : Number(hold), partition],
    );
  }
  const hash = createHash('sha256').update(String(seq)).digest();
  db.prepare('INSERT INTO idem VALUES(?,?,?,?,?)').run('hpc1', `raw:${seq}`, hash, seq, 'null');
  return seq;
}

interface RawHold {
  readonly budget: number;
  readonly amount: number;
  readonly fa?: number;
  readonly tasks?: number;
  readonly parent?: number;
  readonly job?: number;
  readonly state?: string;
  readonly opened: number;
  readonly ended?: number;
}

function rawHold(db: Raw, id: number, hold: RawHold): void {
  db.prepare(`INSERT INTO hold(hold_id,cluster_id,budget_id,token,parent_id,tasks,job_id,submit_s,partition,
    amount_micro,fa_micro,state,opened_seq,ended_seq,expires_s) VALUES(?,1,?,?,?,?,?,?,'aws',?,?,?,?,?,?)`).run(
    ...[id, hold.budget, `token${id}`, hold.parent ?? null, hold.tasks ?? 1, hold.job ?? null],
    ...[
      hold.job === undefined ? null : AT_S,
      BigInt(hold.amount * 1e6),
      BigInt((hold.fa ?? 0) * 1e6),
    ],
    ...[hold.state ?? 'open', hold.opened, hold.ended ?? null, 4_000_000_000],
  );
}

function grants(db: Raw): void {
  db.exec(`INSERT INTO cluster VALUES(1,'hpc1'),(2,'hpc2');
    INSERT INTO award(award_id,number,amount_micro,start_s,end_s) VALUES(1,'R01',1000000000,${AT_S},${AT_S + 1e7});
    INSERT INTO award_change(change_id,award_id,kind,delta_micro,effective_s,reference,detail)
      VALUES(1,1,'AWARD',1000000000,${AT_S},'letter','{}');
    INSERT INTO fa_rate(rate_id,award_id,rate_e4,base,from_day,to_day) VALUES(1,1,5000,'MTDC',20250101,20261231);
    INSERT INTO account(account_id,name,parent_id,start_s,end_s) VALUES(1,'dept',NULL,0,4000000000),(2,'lab',1,0,4000000000);
    INSERT INTO slurm_name VALUES('dept',0,1),('lab',0,2);
    INSERT INTO budget(budget_id,account_id,award_id,rank) VALUES(1,1,NULL,0),(2,2,1,0),(3,1,NULL,1);
    INSERT INTO partition_limit VALUES(2,'aws',100000000);
    INSERT INTO schedule(schedule_id,budget_id,total_micro,amount_micro,unspent) VALUES(1,2,400000000,400000000,'carry')`);
}

function fleet(db: Raw, charge: number): void {
  db.exec(`INSERT INTO intent(intent_id,cluster_id,hold_id,purpose,client_token,request,want,planned_us,sent_us,state)
      VALUES(1,1,1,'job','t1','{}',1,${AT_S * 1e6},${AT_S * 1e6},'done');
    INSERT INTO instance(instance_id,intent_id,node,launch_s,end_s,state,tag_cluster,tag_intent,tag_hold)
      VALUES('i-1',1,'aws-cpu-001',${AT_S},${AT_S + 3600},'closed','hpc1',1,1);
    INSERT INTO usage(usage_id,instance_id,from_s,to_s,rate_e10,amount_micro) VALUES(1,'i-1',${AT_S},${AT_S + 3600},60000000000,6000000);
    INSERT INTO share(usage_id,n,budget_id,hold_id,amount_micro,txn_seq) VALUES(1,0,2,1,6000000,${charge});
    INSERT INTO fa VALUES(1,${charge},6000000,3000000,6000000,3000000)`);
}

/** Books in which every table has a row and every invariant holds. Transactions 1–14. */
export function completeBooks(db: Raw): void {
  unguarded(db, () => {
    grants(db);
    rawTxn(db, { kind: 'fund', lines: ['source 0 -1000', 'award 1 1000'] });
    rawTxn(db, { kind: 'fund', lines: ['source 0 -500', 'free 1 500'] });
    const due = rawTxn(db, { kind: 'allocate', lines: ['award 1 -400', 'free 2 400'] });
    db.prepare('INSERT INTO schedule_run VALUES(1,20251121,?)').run(due);
    const opened = rawTxn(db, {
      kind: 'hold',
      cluster: 1,
      hold: 1,
      lines: ['free 2 -10', 'held 2 10 1 aws', 'award 1 -5', 'fa_held 2 5 1 aws'],
    });
    const charge = rawTxn(db, {
      kind: 'charge',
      cluster: 1,
      hold: 1,
      lines: [
        ...['held 2 -10 1 aws', 'spent 2 6 - aws', 'free 2 4'],
        ...['fa_held 2 -5 1 aws', 'fa_spent 2 3 - aws', 'award 1 2'],
      ],
    });
    rawHold(db, 1, {
      budget: 2,
      amount: 10,
      fa: 5,
      job: 7,
      state: 'charged',
      opened,
      ended: charge,
    });
    const array = rawTxn(db, {
      kind: 'hold',
      cluster: 1,
      hold: 2,
      lines: ['free 1 -8', 'held 1 8 2 aws'],
    });
    const split = rawTxn(db, {
      kind: 'split',
      cluster: 1,
      hold: 2,
      lines: ['held 1 -4 2 aws', 'held 1 4 3 aws'],
    });
    rawHold(db, 2, { budget: 1, amount: 4, job: 8, opened: array });
    rawHold(db, 3, { budget: 1, amount: 4, parent: 2, opened: split });
    const freed = rawTxn(db, {
      kind: 'hold',
      cluster: 1,
      hold: 4,
      lines: ['free 1 -2', 'held 1 2 4 aws'],
    });
    const release = rawTxn(db, {
      kind: 'release',
      cluster: 1,
      hold: 4,
      lines: ['held 1 -2 4 aws', 'free 1 2'],
    });
    rawHold(db, 4, {
      budget: 1,
      amount: 2,
      job: 9,
      state: 'released',
      opened: freed,
      ended: release,
    });
    rawTxn(db, { kind: 'late', cluster: 1, lines: ['free 1 -1', 'spent 1 1 - aws'] });
    rawTxn(db, {
      kind: 'adjust',
      cause: 'manual',
      parent: charge,
      lines: ['free 2 -1', 'spent 2 1 - aws'],
    });
    const external = rawTxn(db, { kind: 'external', lines: ['award 1 -2', 'external 1 2'] });
    db.prepare(
      "INSERT INTO entry(entry_id,award_id,day,category,kind,share,in_mtdc,amount_micro,reference,txn_seq) VALUES(1,1,20251121,'travel','expenditure','federal',1,2000000,'inv-1',?)",
    ).run(external);
    const moved = rawTxn(db, { kind: 'transfer', lines: ['free 1 -20', 'free 3 20'] });
    rawTxn(db, { kind: 'reverse', reverses: moved, lines: ['free 1 20', 'free 3 -20'] });
    fleet(db, charge);
    resum(db);
    rechain(db);
  });
}
