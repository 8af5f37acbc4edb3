import type Database from 'better-sqlite3';
import { rawTxn, rechain, resum } from '../support/books-by-hand.ts';

export type Break = readonly [
  id: string,
  how: string,
  act: string | ((db: Database.Database) => void),
];

/**
 * After each, sums and journal are made anew as far as `resum` and `rechain` say, so that only the
 * predicate named can see it.
 */
export const BREAKS: readonly Break[] = [
  [
    'I1',
    'a line too many',
    "INSERT INTO posting SELECT 2,9,la_id,5,NULL,'' FROM ledger_account WHERE kind='source'; --resum --rechain",
  ],
  [
    'I1',
    'a transaction without lines',
    "INSERT INTO txn SELECT 15,at_us,kind,cause,over,effective_s,day,NULL,NULL,NULL,NULL FROM txn WHERE seq=2; INSERT INTO idem SELECT scope,'lone',request_hash,15,answer FROM idem WHERE txn_seq=2; --rechain",
  ],
  ['I2', 'a balance off by one', 'UPDATE balance SET amount_micro=amount_micro+1 WHERE la_id=1'],
  [
    'I2',
    'a balance without postings',
    "INSERT INTO ledger_account VALUES(99,9,'external'); INSERT INTO balance VALUES(99,1)",
  ],
  ['I2', 'a partition balance off', 'UPDATE partition_balance SET amount_micro=amount_micro-1'],
  ['I2', 'a day off', 'UPDATE day_spend SET fa_micro=fa_micro+1'],
  ['I2', 'jobs of a day off', 'UPDATE job_day SET jobs=jobs+1 WHERE day>0'],
  ['I2', 'jobs of all days gone', 'DELETE FROM job_day WHERE day=0'],
  ['I2', 'below off', 'UPDATE below SET held_micro=held_micro+1'],
  ['I2', 'below gone', 'DELETE FROM below'],
  [
    'I2',
    'a tree with a cycle',
    'UPDATE account SET parent_id=2 WHERE account_id=1; --resum --rechain',
  ],
  [
    'I3',
    'an overdraft that nothing explains',
    (db) => {
      rawTxn(db, { kind: 'fund', lines: ['free 1 -10000', 'source 0 10000'] });
      resum(db);
      rechain(db);
    },
  ],
  ['I3', 'a transfer said to be a real cost', 'UPDATE txn SET over=1 WHERE seq=13; --rechain'],
  ['I3', 'a charge permitted by choice', 'UPDATE txn SET over=2 WHERE seq=5; --rechain'],
  [
    'I4',
    'an open hold that says more than is held',
    'UPDATE hold SET amount_micro=amount_micro+1 WHERE hold_id=3; --rechain',
  ],
  [
    'I4',
    'held money under another partition',
    "UPDATE hold SET partition='gpu' WHERE hold_id=3; --rechain",
  ],
  [
    'I4',
    'held money of nobody',
    'UPDATE posting SET hold_id=NULL WHERE txn_seq=7 AND line=1; --rechain',
  ],
  [
    'I5',
    'a hold that something else opened',
    'UPDATE hold SET opened_seq=2 WHERE hold_id=4; --rechain',
  ],
  [
    'I5',
    'a release that says expired',
    "UPDATE hold SET state='expired' WHERE hold_id=4; --rechain",
  ],
  [
    'I5',
    'a hold ended before it began',
    'UPDATE hold SET ended_seq=opened_seq WHERE hold_id=4; --rechain',
  ],
  ['I6', 'a transaction without a key', 'DELETE FROM idem WHERE txn_seq=8'],
  [
    'I6',
    'a transaction under two keys',
    "INSERT INTO idem SELECT scope,'again',request_hash,txn_seq,answer FROM idem WHERE txn_seq=8",
  ],
  ['I6', 'a hash cut short', "UPDATE idem SET request_hash=x'00' WHERE txn_seq=8"],
  ['I6', 'a key too long', "UPDATE idem SET key=printf('%0201d',1) WHERE txn_seq=8"],
  ['I7', 'a transaction that the journal does not know', 'DELETE FROM journal WHERE txn_seq=14'],
  [
    'I7',
    'a hole',
    'UPDATE txn SET seq=15 WHERE seq=14; UPDATE posting SET txn_seq=15 WHERE txn_seq=14; UPDATE idem SET txn_seq=15 WHERE txn_seq=14; --rechain',
  ],
  ['I8', 'another actor', "UPDATE journal SET actor='eve' WHERE seq=3"],
  ['I8', 'another uid', 'UPDATE journal SET actor_uid=7 WHERE seq=3'],
  ['I8', 'another time', 'UPDATE journal SET at_us=at_us-1 WHERE seq=3'],
  ['I8', 'another verb', "UPDATE journal SET verb='x' WHERE seq=3"],
  ['I8', 'another body', `UPDATE journal SET body=replace(body,'"ok"','"OK"') WHERE seq=3`],
  ['I8', 'a body that is no JSON', "UPDATE journal SET body='{' WHERE seq=15"],
  ['I8', 'another hash', 'UPDATE journal SET hash=prev_hash WHERE seq=15'],
  ['I8', 'another link', 'UPDATE journal SET prev_hash=hash WHERE seq=1'],
  [
    'I8',
    'a posting that the journal tells otherwise',
    "UPDATE posting SET partition='gpu' WHERE txn_seq=10; --resum",
  ],
  ['I8', 'a transaction that the journal tells otherwise', "UPDATE txn SET cause='x' WHERE seq=2"],
  ['I8', 'a hold nobody told of', "UPDATE hold SET user_name='eve' WHERE hold_id=1"],
  ['I8', 'an account nobody told of', "UPDATE account SET title='Physics' WHERE account_id=1"],
  ['I8', 'a further SLURM name', "INSERT INTO slurm_name VALUES('mine',0,2)"],
  ['I8', 'a limit taken away', 'DELETE FROM partition_limit'],
  ['I8', 'a grant extended', 'UPDATE award SET end_s=end_s+1'],
  ['I8', 'a rate changed', 'UPDATE fa_rate SET to_day=to_day+1'],
  ['I8', 'a schedule changed', "UPDATE schedule SET unspent='lapse'"],
  ['I8', 'a budget with another order', 'UPDATE budget SET rank=7 WHERE budget_id=3'],
  ['I10', 'an instance of an intent never sent', 'UPDATE intent SET sent_us=NULL'],
  ['I10', 'an intent sent after its launch', 'UPDATE intent SET sent_us=sent_us+6000000'],
  [
    'I10',
    'more instances than wanted',
    "INSERT INTO instance(instance_id,intent_id,node,launch_s,state,tag_cluster,tag_intent,tag_hold) SELECT 'i-2',1,'n2',launch_s,'ready','hpc1',1,1 FROM instance; UPDATE txn SET at_us=at_us+100000000000000 WHERE seq=5",
  ],
  ['I11', 'an instance without its hold', 'UPDATE instance SET tag_hold=NULL'],
  ['I11', 'an instance with the tag of another cluster', "UPDATE instance SET tag_cluster='hpc2'"],
  ['I12', 'an award nobody granted', 'UPDATE award SET amount_micro=amount_micro+1; --rechain'],
  [
    'I12',
    'more funded than awarded',
    'UPDATE award SET amount_micro=1; UPDATE award_change SET delta_micro=1; --rechain',
  ],
  ['I12', 'an entry that was booked otherwise', 'UPDATE entry SET amount_micro=amount_micro+1'],
  ['I13', 'a closed instance without its last minute', 'UPDATE instance SET end_s=end_s+60'],
  [
    'I13',
    'a gap at the begin',
    'UPDATE instance SET launch_s=launch_s-60; UPDATE intent SET planned_us=planned_us-60000000, sent_us=sent_us-60000000',
  ],
  [
    'I13',
    'a share too little',
    'UPDATE share SET n=1; INSERT INTO share(usage_id,n,hold_id,amount_micro) VALUES(1,0,1,1)',
  ],
  [
    'I13',
    'volumes in a share and not in its segment',
    'INSERT INTO share(usage_id,n,amount_micro,volume_micro) VALUES(1,9,0,1)',
  ],
  ['I14', 'volumes that were not reckoned', "UPDATE instance SET volumes='[2592000]'"],
  [
    'I14',
    'volumes that nobody paid',
    "UPDATE instance SET volumes='[2592000]'; UPDATE usage SET volume_micro=3600; UPDATE share SET volume_micro=3600",
  ],
  [
    'I14',
    'volumes settled where nothing was posted for them',
    'UPDATE share SET volume_seq=txn_seq',
  ],
  ['I14', 'a segment at another price', 'UPDATE usage SET rate_e10=rate_e10+10000000'],
  ['I14', 'shares settled elsewhere', 'UPDATE share SET txn_seq=10'],
  ['I14', 'F&A off by a cent', 'UPDATE fa SET cum_micro=cum_micro+10000'],
  [
    'I14',
    'F&A on another base',
    'UPDATE fa SET base_micro=5990000, cum_base_micro=5990000, amount_micro=3000000',
  ],
  ['I14', 'F&A that was posted and never reckoned', 'DELETE FROM fa'],
  ['I14', 'F&A under a rate without a base', "UPDATE fa_rate SET base='none'; --rechain"],
  ['I15', 'two holds of one run', 'UPDATE hold SET job_id=9 WHERE hold_id=1; --rechain'],
  [
    'I15',
    'a bound hold without its submit time',
    'UPDATE hold SET submit_s=NULL WHERE hold_id=1; --rechain',
  ],
  [
    'I16',
    'a hold of another cluster than its transactions',
    'UPDATE hold SET cluster_id=2 WHERE hold_id=4; --rechain',
  ],
  ['I16', 'a transaction of another cluster', 'UPDATE txn SET cluster_id=2 WHERE seq=8; --rechain'],
  ['I17', 'a run that allocated nothing', 'UPDATE schedule_run SET txn_seq=2'],
  ['I17', 'more than the schedule has', 'UPDATE schedule SET total_micro=1; --rechain'],
  ['I18', 'a reverse on another day', 'UPDATE txn SET day=day+1 WHERE seq=14; --rechain'],
  ['I18', 'a cost reversed', 'UPDATE txn SET reverses=10 WHERE seq=14; --rechain'],
  ['I19', 'a lost index', 'DROP INDEX txn_parent'],
  [
    'I19',
    'a further trigger',
    'CREATE TRIGGER evil AFTER INSERT ON note BEGIN DELETE FROM note; END',
  ],
  [
    'I19',
    'a row that names nothing',
    "UPDATE slurm_name SET account_id=77 WHERE name='lab'; --rechain",
  ],
  ['I20', 'a hold open too long', 'UPDATE hold SET expires_s=1 WHERE hold_id=3; --rechain'],
  [
    'I20',
    'an intent without an answer',
    "INSERT INTO intent(intent_id,cluster_id,purpose,client_token,request,want,planned_us,sent_us,state) VALUES(2,1,'admin','t2','{}',1,1,1,'unknown')",
  ],
  ['I20', 'an instance that outlives its hold', "UPDATE instance SET state='ready', end_s=NULL"],
];
