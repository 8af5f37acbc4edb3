import type { FakeCloud } from './fake-cloud.ts';
import type { Outcome } from './programs.ts';

/** What one job cost, as the fake cloud bills it and as the ledger charged it; micro-dollars. */
export interface JobCost {
  readonly job: string;
  readonly instances: number;
  readonly billed: number;
  readonly charged: number;
}

export interface Books {
  readonly jobs: readonly JobCost[];
  readonly billed: number;
  readonly charged: number;
  /** What the accounts show as used: the same money, read another way. */
  readonly used: number;
  readonly held: number;
}

interface Bill {
  readonly lines: readonly { readonly instance: string; readonly micro: number }[];
  readonly total_micro: number;
}

interface Snapshot {
  readonly instances: readonly {
    readonly id: string;
    readonly state: string;
    readonly tags: Readonly<Record<string, string>>;
  }[];
}

interface Transaction {
  readonly type: string;
  readonly job_id?: string;
  readonly amount: number;
}

interface Account {
  readonly budget_used: number;
  readonly budget_held: number;
}

const MICRO = 1_000_000;
/** Dollars in JSON are written from the digits of micro-dollars; small sums come back exactly. */
const toMicro = Math.round;

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

async function json<T>(asbb: Asbb, ...args: readonly string[]): Promise<T> {
  const { code, stdout, stderr } = await asbb(...args, '--json');
  if (code !== 0) {
    throw new Error(`exit code ${code}: asbb ${args.join(' ')}\n${stdout}${stderr}`);
  }
  return JSON.parse(stdout);
}

type Asbb = (...args: readonly string[]) => Promise<Outcome>;

/** The fake cloud's bill beside the ledger's charges, job by job. */
export async function compareBooks(fake: FakeCloud, asbb: Asbb): Promise<Books> {
  const bill = (await fake.get('/bill')) as Bill; // fake-ec2.md 10
  const { instances } = (await fake.get('/state')) as Snapshot;
  const costs = ['charge', 'adjustment'].map((type) =>
    json<readonly Transaction[]>(asbb, 'transactions', 'list', '--type', type, '--limit', '10000'),
  );
  const charges = (await Promise.all(costs)).flat();
  const accounts = await json<readonly Account[]>(asbb, 'account', 'list');

  const jobOf = new Map(instances.map(({ id, tags }) => [id, tags['asbb:job'] ?? '(none)']));
  // An array's instances carry the array's id, its charges the task's: compared as one job.
  const names = new Set([
    ...jobOf.values(),
    ...charges.map(({ job_id: job }) => job?.split('_')[0] ?? '(none)'),
  ]);
  const jobs = [...names].map((job) => ({
    job,
    instances: [...jobOf.values()].filter((name) => name === job).length,
    billed: sum(bill.lines.map((line) => (jobOf.get(line.instance) === job ? line.micro : 0))),
    charged: sum(
      charges.map((row) =>
        (row.job_id?.split('_')[0] ?? '(none)') === job ? toMicro(row.amount * MICRO) : 0,
      ),
    ),
  }));
  return {
    jobs: jobs.toSorted((a, b) => Number(a.job) - Number(b.job)),
    billed: bill.total_micro,
    charged: sum(jobs.map(({ charged }) => charged)),
    used: sum(accounts.map((account) => toMicro(account.budget_used * MICRO))),
    held: sum(accounts.map((account) => toMicro(account.budget_held * MICRO))),
  };
}
