import type { SettleSite } from './settle-site.ts';

/** When a week is over: what still stands, and what it cost by the books and by the fake cloud. */
export interface Tally {
  readonly live: readonly unknown[];
  readonly openHolds: readonly unknown[];
  readonly unsettled: bigint;
  readonly held: bigint;
  /** Micro-dollars: charged, and laid to the site's own account. */
  readonly paid: bigint;
  readonly laidToSite: bigint;
  readonly billed: bigint;
}

export async function tallyOf(site: SettleSite): Promise<Tally> {
  const { spent, held } = site.booked();
  const db = site.books.raw(); // safe integers are on
  function one(sql: string): bigint {
    return (db.prepare(sql).get() as { v: bigint }).v;
  }
  const laidToSite = one(
    'SELECT COALESCE(SUM(amount_micro+volume_micro),0) v FROM share WHERE budget_id IS NULL',
  );
  const unsettled = one(
    'SELECT COUNT(*) v FROM share WHERE budget_id IS NOT NULL AND txn_seq IS NULL',
  );
  const openHolds = db
    .prepare("SELECT token, job_id, submit_s, restart FROM hold WHERE state='open'")
    .all();
  db.close();
  return {
    live: await site.fake.live(),
    openHolds,
    unsettled,
    held,
    paid: spent + laidToSite,
    laidToSite,
    billed: await site.billed(),
  };
}
