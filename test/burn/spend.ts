import { addDays, startOfDay } from '../../src/core/grant/calendar.ts';
import type { Ledger } from '../../src/ports/ledger.ts';
import { place, tryCharge } from '../support/policy.ts';

type Books = Pick<Ledger, 'decide' | 'read'>;

export interface Spend {
  readonly account: string;
  readonly dollars: string;
  /** YYYYMMDD on which the job ended. */
  readonly day: number;
  readonly user?: string;
  readonly partition?: string;
}

let jobId = 1000;

/** A job that ended on this day, charged as by its epilog. */
export async function spend(ledger: Books, job: Spend): Promise<string> {
  jobId += 1;
  const { account, dollars, day, user = 'ada', partition = 'aws' } = job;
  const effectiveS = startOfDay(day, 'UTC') + 3600;
  const run = { jobId, arrayTask: -1, submitS: effectiveS, restart: 0 };
  const asked = { account, task: dollars, userName: user, partitions: [partition], run };
  const token = await place(ledger, asked);
  await tryCharge(ledger, token, dollars, { effective: { effectiveS, day } });
  return token;
}

/** The same on each of so many days. */
export async function spendDaily(ledger: Books, first: Spend, days: number): Promise<void> {
  for (let at = 0; at < days; at += 1) {
    await spend(ledger, { ...first, day: addDays(first.day, at) });
  }
}
