// The ledger in one process: holds a second against the same statements by hand, the price of a long
// history, and how long `verify` takes. Node 24 with the sources, FULL sync.
import { chmodSync, copyFileSync, mkdirSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { openLedger } from '../../src/adapters/sqlite/open.ts';
import { SqliteLedger } from '../../src/adapters/sqlite/sqlite-ledger.ts';
import { verifyDatabase } from '../../src/adapters/sqlite/verify.ts';
import { isRefused } from '../../src/core/errors.ts';
import { dayOf } from '../../src/core/grant/calendar.ts';
import { placeHold } from '../../src/core/ledger/place-hold.ts';
import { parseAmount } from '../../src/core/money/money.ts';
import { temporaryPlace } from '../../test/support/place.ts';
import { readySite, runAll, work } from './tools.mjs';

const clock = { nowUs: () => Date.now() * 1000 };
const CLUSTER = 'bench';
const AMOUNT = parseAmount('0.133734');
const PRICING = JSON.stringify({ nodes: 1, seconds: 1800, rate: '1700000000', group: 'aws-cpu' });

function ledgerAt(place) {
  return new SqliteLedger({
    place,
    clock,
    actor: { uid: process.getuid(), name: userInfo().username },
    clusterName: CLUSTER,
    dayOf: (epochS) => dayOf(epochS, 'UTC'),
  });
}

function copyOf(place, name) {
  const directory = join(work, name);
  mkdirSync(directory, { recursive: true });
  chmodSync(directory, 0o750);
  const copy = temporaryPlace(directory);
  copyFileSync(place.file, copy.file);
  chmodSync(copy.file, 0o640);
  return copy;
}

let made = 0;

/** The hold of number `made`. */
function ask(view) {
  return {
    token: made.toString(36).padStart(26, '0'),
    slurmAccount: 'physics',
    partitions: ['aws'],
    userName: 'alice',
    amount: AMOUNT,
    tasks: 1,
    expiresS: view.nowS + 600,
    pricing: PRICING,
  };
}

async function hold(ledger) {
  made += 1;
  const args = { account: 'physics', user: 'alice', uid: 64_101, shape: PRICING };
  const answered = await ledger.decide(
    { scope: CLUSTER, key: `hold:${made.toString(16).padStart(14, '0')}`, verb: 'submit', args },
    { payer: { slurmAccount: 'physics', userName: 'alice' } },
    (view) => placeHold(view, ask(view)),
  );
  if (isRefused(answered)) {
    throw new Error(answered.text);
  }
}

const FILL_BATCH = 500;

/** So many holds by the same code, hundreds a transaction: what is verified does not depend on that. */
async function fillWithHolds(ledger, count) {
  for (let done = 0; done < count; done += FILL_BATCH) {
    const request = { scope: CLUSTER, key: `fill:${done}`, verb: 'submit', args: {} };
    await ledger.decide(request, { payer: { slurmAccount: 'physics' } }, (view) => ({
      changes: Array.from({ length: FILL_BATCH }, (_, n) => nthHold(view, n)).flat(),
      answer: null,
    }));
  }
}

function nthHold(view, n) {
  made += 1;
  const next = { ...view.next, seq: view.next.seq + n, holdId: view.next.holdId + n };
  const placed = placeHold({ ...view, next }, ask(view));
  if (isRefused(placed)) {
    throw new Error(placed.text);
  }
  return placed.changes;
}

async function holds(ledger, count) {
  const started = performance.now();
  for (let at = 0; at < count; at += 1) {
    await hold(ledger);
  }
  return (performance.now() - started) / count;
}

/** Every statement and its cells, as better-sqlite3 gets them from one run of `act`. */
async function recorded(act) {
  const calls = [];
  const { prepare, exec } = Database.prototype;
  Database.prototype.prepare = function recordPrepare(sql) {
    const statement = prepare.call(this, sql);
    for (const method of ['run', 'get', 'all']) {
      const original = statement[method].bind(statement);
      statement[method] = (...cells) => {
        calls.push({ sql, method, cells });
        return original(...cells);
      };
    }
    return statement;
  };
  Database.prototype.exec = function recordExec(sql) {
    calls.push({ sql, method: 'exec', cells: [] });
    return exec.call(this, sql);
  };
  try {
    await act();
  } finally {
    Object.assign(Database.prototype, { prepare, exec });
  }
  return calls;
}

/** The same statements with the same cells, by nothing but better-sqlite3: runs the next calls given. */
function replayer(place, calls) {
  const { db } = openLedger(place, 'write');
  const prepared = new Map();
  for (const { sql, method } of calls) {
    if (method !== 'exec' && !prepared.has(sql)) {
      prepared.set(sql, db.prepare(sql));
    }
  }
  function run(next) {
    for (const { sql, method, cells } of next) {
      if (method === 'exec') {
        db.exec(sql);
      } else {
        prepared.get(sql)[method](...cells);
      }
    }
  }
  return { run, close: () => db.close() };
}

/** The calls of each hold, cut before its BEGIN. */
function byHold(calls) {
  const holdsOf = [];
  for (const call of calls) {
    if (call.sql === 'BEGIN IMMEDIATE') {
      holdsOf.push([]);
    }
    holdsOf.at(-1).push(call);
  }
  return holdsOf;
}

const middle = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
const ROUNDS = 20;

/** ms a hold: ours, and the same statements by hand, each on its own copy of the same ledger. */
async function againstRaw(base, count) {
  const [first, second, third] = ['recorded', 'timed', 'replayed'].map((name) =>
    copyOf(base, name),
  );
  const start = made;
  let ledger = ledgerAt(first);
  const all = await recorded(() => holds(ledger, count));
  ledger.close();
  const calls = all.slice(all.findIndex(({ sql }) => sql === 'BEGIN IMMEDIATE'));

  made = start; // the same holds again, this time by the clock
  ledger = ledgerAt(second);
  const each = byHold(calls);
  const raw = replayer(third, calls);
  await hold(ledger); // opens the file; its PRAGMAs are not the transaction's
  raw.run(each[0]);
  const [ours, theirs] = [[], []];
  const share = Math.floor((count - 1) / ROUNDS);
  for (let at = 1; at + share <= count; at += share) {
    ours.push(await holds(ledger, share)); // in turn: what disturbs one disturbs the other
    const started = performance.now();
    raw.run(each.slice(at, at + share).flat());
    theirs.push((performance.now() - started) / share);
  }
  ledger.close();
  raw.close();
  return { ours: middle(ours), raw: middle(theirs) };
}

const HISTORY = 'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<@count)';
/** Transactions as they would stand after a long time; the chain is not real, so this is never verified. */
const FILL = [
  `INSERT INTO hold(hold_id,cluster_id,budget_id,token,job_id,submit_s,partition,user_name,amount_micro,state,opened_seq,ended_seq,expires_s,pricing)
   ${HISTORY} SELECT @hold+i, 1, 1, printf('h%025d',i), i, i, 'aws', 'u'||(i%200), 0, 'released', @seq+i*2-1, @seq+i*2, i, '' FROM n`,
  ...['hold', 'release'].map(
    (kind, at) => `INSERT INTO txn(seq,at_us,kind,effective_s,day,cluster_id,hold_id)
   ${HISTORY} SELECT @seq+i*2-1+${at}, i, '${kind}', i, 20260101+i%28, 1, @hold+i FROM n`,
  ),
  ...[0, 1].map(
    (line) => `INSERT INTO posting(txn_seq,line,la_id,amount_micro,hold_id,partition)
   ${HISTORY} SELECT @seq+i, ${line}, (SELECT la_id FROM ledger_account WHERE owner_id=1 AND kind='${line === 0 ? 'free' : 'held'}'),
     0, ${line === 0 ? 'NULL' : '@hold+(i+1)/2'}, '${line === 0 ? '' : 'aws'}' FROM (SELECT i FROM n UNION ALL SELECT i+@count FROM n)`,
  ),
  `INSERT INTO idem(scope,key,request_hash,txn_seq,answer)
   ${HISTORY} SELECT '${CLUSTER}', printf('end:%d',i), randomblob(32), @seq+i, '{}' FROM (SELECT i FROM n UNION ALL SELECT i+@count FROM n)`,
  `INSERT INTO journal(seq,at_us,actor_uid,actor,verb,txn_seq,body,prev_hash,hash)
   ${HISTORY} SELECT @journal+i, i, 0, 'root', 'submit', @seq+i, printf('{"args":{},"padding":"%0400d"}',i), randomblob(32), randomblob(32)
     FROM (SELECT i FROM n UNION ALL SELECT i+@count FROM n)`,
];

function fill(place, transactions) {
  const { db } = openLedger(place, 'write');
  db.pragma('synchronous=OFF');
  const [seq, holdId, journal] = [
    ['seq', 'txn'],
    ['hold_id', 'hold'],
    ['seq', 'journal'],
  ].map(([column, table]) =>
    db.prepare(`SELECT COALESCE(MAX(${column}),0) FROM ${table}`).pluck().get(),
  );
  const bound = { count: BigInt(Math.floor(transactions / 2)), seq, hold: holdId, journal };
  runAll(db, FILL, bound);
  db.pragma('wal_checkpoint(TRUNCATE)');
  db.close();
}

/** ms a hold after so many transactions; the places take turns, so that noise meets both. */
async function costOfHistory(base, sizes, count) {
  const ledgers = [];
  for (const size of sizes) {
    const place = copyOf(base, `history-${size}`);
    fill(place, size);
    ledgers.push(ledgerAt(place));
  }
  const rounds = ledgers.map(() => []);
  for (let round = 0; round < 10; round += 1) {
    for (const [at, ledger] of ledgers.entries()) {
      rounds[at].push(await holds(ledger, count));
    }
  }
  for (const ledger of ledgers) {
    ledger.close();
  }
  return rounds.map((each) => each.slice(1).toSorted((a, b) => a - b)[4]);
}

async function secondsToVerify(place) {
  const { db } = openLedger(place, 'read');
  const started = performance.now();
  const report = await verifyDatabase(
    db,
    {},
    { nowUs: clock.nowUs(), stateDirectory: place.stateDirectory },
  );
  db.close();
  const bad = report.checks.filter(({ ok }) => !ok);
  if (bad.length > 0) {
    throw new Error(`the books do not verify: ${JSON.stringify(bad)}`);
  }
  return (performance.now() - started) / 1000;
}

export async function measureLedger({ isQuick }) {
  const scale = isQuick ? 10 : 1;
  const { root } = readySite('ledger');
  const base = temporaryPlace(join(root, 'state'));
  const warm = ledgerAt(base);
  await holds(warm, 100);
  warm.close();
  const { ours, raw } = await againstRaw(base, 3000 / scale);
  const big = 1_000_000 / scale;
  const [few, many] = await costOfHistory(base, [1000, big], 300 / scale);
  const long = copyOf(base, 'long');
  const ledger = ledgerAt(long);
  await fillWithHolds(ledger, 100_000 / scale);
  ledger.close();
  const verify = await secondsToVerify(long);
  return [
    { what: 'holds a second, in process, FULL sync', value: 1000 / ours, unit: '/s' },
    { what: 'the same statements by better-sqlite3 alone', value: 1000 / raw, unit: '/s' },
    { what: 'ours : raw', value: raw / ours, unit: 'x', target: '>= 0.8', ok: raw / ours >= 0.8 },
    { what: 'ms a hold after 10^3 transactions', value: few, unit: 'ms' },
    { what: `ms a hold after ${big} transactions`, value: many, unit: 'ms' },
    { what: 'their ratio', value: many / few, unit: 'x', target: '<= 1.2', ok: many / few <= 1.2 },
    {
      what: `verify of ${100_000 / scale} transactions`,
      value: verify,
      unit: 's',
      target: '< 10',
      ok: verify < 10,
    },
  ];
}
