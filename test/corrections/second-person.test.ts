import { afterEach, expect, it, vi } from 'vitest';
import { isRefused } from '../../src/core/errors.ts';
import { toDecimal } from '../../src/core/money/money.ts';
import { adjustAccount } from '../../src/flows/account-adjust.ts';
import { listProposals, type ProposalSeen } from '../../src/flows/proposals.ts';
import { type Reconciled, type ReconcileQuery, reconcile } from '../../src/flows/reconcile.ts';
import { approve, correct } from '../../src/flows/transactions-correct.ts';
import type { CostFile } from '../../src/ports/cost-inbox.ts';
import { cliSite } from '../support/cli.ts';
import { seedAccount, type TemporaryLedger, temporaryLedger } from '../support/ledger.ts';
import { place, sumsOf, tryCharge } from '../support/policy.ts';
import { pricing, site as pricingSite } from '../support/pricing-site.ts';
import { ALICE, BOB, portsOf } from './ports.ts';

const MANNER = { reason: 'bill', dryRun: false };
const ASKED = { job: '7', amend: true, release: false, force: false, dryRun: false };

afterEach(() => {
  vi.unstubAllEnvs();
});

/** Job 7 was charged $100. */
async function chargedJob(): Promise<TemporaryLedger & { readonly token: string }> {
  const books = await temporaryLedger();
  await seedAccount(books.ledger, { name: 'ml-7' });
  const run = { jobId: 7, arrayTask: -1, submitS: 1_795_262_000, restart: 0 };
  const token = await place(books.ledger, { account: 'ml-7', task: '120', run });
  await tryCharge(books.ledger, token, '100');
  return { ...books, token };
}

async function told(
  books: TemporaryLedger,
  query: Partial<ReconcileQuery>,
  { uid = ALICE, file }: { readonly uid?: number; readonly file?: CostFile } = {},
): Promise<string> {
  const ports = portsOf(books, uid);
  const none = { find: () => [], list: () => [], filed: () => undefined };
  const answer = await reconcile(
    { ...ASKED, ...query },
    {
      ...ports,
      slurm: { runsOf: () => Promise.resolve([]) },
      pricing: () => pricing(pricingSite()),
      inbox: {
        ...none,
        read: () => file ?? { path: '', sha256: '', changedS: 0, told: [], problem: 'none' },
      },
    },
  );
  return isRefused(answer) ? answer.code : shown(answer);
}

function shown({ answer }: Reconciled): string {
  const { proposal, seq, actualCharge } = answer;
  return proposal === null ? `txn_${seq} ${actualCharge}` : `proposal ${proposal} ${actualCharge}`;
}

async function waiting(books: TemporaryLedger, all = false): Promise<readonly string[]> {
  const found = await listProposals({ all }, books);
  return found.map(line);
}

function line({ row, account, job, target, amount, reason, metadata }: ProposalSeen): string {
  const of = [account, job, target, reason, metadata].filter((each) => each !== undefined);
  const state = row.approvedSeq === undefined ? 'waiting' : `txn_${row.approvedSeq}`;
  return `${row.proposalId} ${row.uid} ${row.verb} ${toDecimal(amount)} ${of.join(' ')} ${state}`;
}

it('lists what waits for a second person, and what one has approved', async () => {
  const books = await chargedJob();
  const [alice, bob] = [portsOf(books), portsOf(books, BOB)];
  expect(await waiting(books)).toEqual([]);
  await correct('transactions refund', { ...MANNER, id: 'txn_3', amount: '60' }, alice);
  await adjustAccount({ ...MANNER, account: 'ml-7', amount: '-175', partition: 'aws' }, bob);
  await adjustAccount({ ...MANNER, account: 'ml-7', amount: '75', partition: 'aws' }, bob);
  expect(await waiting(books)).toEqual([
    '1 1000 transactions refund -60 txn_3 bill waiting',
    '2 1001 account adjust 75 ml-7 bill waiting',
  ]);
  await approve({ proposal: '1', dryRun: false }, bob);
  expect(await waiting(books)).toEqual(['2 1001 account adjust 75 ml-7 bill waiting']);
  expect(await waiting(books, true)).toEqual([
    '1 1000 transactions refund -60 txn_3 bill txn_4',
    '2 1001 account adjust 75 ml-7 bill waiting',
  ]);
});

it('the same proposed twice by one person is one proposal, of two persons two', async () => {
  const books = await chargedJob();
  const [alice, bob] = [portsOf(books), portsOf(books, BOB)];
  const more = { ...MANNER, id: 'txn_3', amount: '60' };
  for (const ports of [alice, alice, bob, alice]) {
    await correct('transactions adjust', more, ports);
  }
  expect((await waiting(books)).map((each) => each.slice(0, 6))).toEqual(['1 1000', '2 1001']);
  await approve({ proposal: '1', dryRun: false }, bob);
  await correct('transactions adjust', more, alice);
  expect((await waiting(books)).map((each) => each.slice(0, 6))).toEqual(['2 1001', '3 1000']);
});

it('reconcile --amend by more than the site’s sum is proposed, and posted by another person', async () => {
  const books = await chargedJob();
  expect(await told(books, { actualCost: '150' })).toBe('txn_4 150000000');
  expect(await told(books, { actualCost: '99.999999', dryRun: true })).toBe('proposal 1 99999999');
  expect(await waiting(books)).toEqual([]);
  const metadata = '{"bill":"03"}';
  for (const _ of [1, 2]) {
    expect(await told(books, { actualCost: '20', metadata })).toBe('proposal 1 20000000');
  }
  expect(await sumsOf(books.ledger, 'ml-7')).toBe('1000 150 0 850');
  expect(await waiting(books)).toEqual([
    `1 1000 reconcile -130 ml-7 7 txn_${books.token} ${metadata} waiting`,
  ]);
  const mine = { proposal: '1', dryRun: false };
  expect(await approve(mine, portsOf(books))).toMatchObject({ code: 'FORBIDDEN' });
  // A smaller correction came between: what is approved is what the job cost, not the difference.
  expect(await told(books, { actualCost: '140' })).toBe('txn_5 140000000');
  expect(await approve(mine, portsOf(books, BOB))).toMatchObject({ seq: 6, amount: -120_000_000n });
  expect(await sumsOf(books.ledger, 'ml-7')).toBe('1000 20 0 980');
  expect(await approve(mine, portsOf(books, BOB))).toMatchObject({ code: 'DUPLICATE' });
  const rows = books.raw().prepare('SELECT actual_micro, txn_seq FROM reconciliation').raw().all();
  expect(rows.at(-1)).toEqual([20_000_000n, 6n]);
  const scopes = books.raw().prepare("SELECT scope, key FROM idem WHERE key LIKE 'adjust:%'").raw();
  expect(scopes.all()).toEqual([1, 2, 3].map((n) => ['site', `adjust:3:${n}`]));
});

it('an approved cost that stands already only closes its proposal', async () => {
  const books = await chargedJob();
  expect(await told(books, { actualCost: '30' })).toBe('proposal 1 30000000');
  for (const amount of ['-50', '-20']) {
    await correct('transactions adjust', { ...MANNER, id: 'txn_3', amount }, portsOf(books));
  }
  const answer = await approve({ proposal: '1', dryRun: false }, portsOf(books, BOB));
  expect(answer).toMatchObject({ seq: 3, amount: 0n });
  expect(await waiting(books)).toEqual([]);
  expect(await sumsOf(books.ledger, 'ml-7')).toBe('1000 30 0 970');
});

it('a file that a person names is a person’s word; a first charge needs nobody else', async () => {
  const books = await chargedJob();
  const cost = {
    ...{ isAws: true, isOwn: false, state: 'COMPLETED', profile: '', payload: '{}' },
    performance: { cpuEfficiency: '0.5', traits: ['io'], advice: '{}' },
    ...{ amend: true, priced: false, account: 'ml-7', endS: 1_795_262_400 },
  };
  const file = {
    ...{ path: '/x.json', sha256: 'ab'.repeat(32), problem: '' },
    told: [{ ...cost, actual: 10_000_000n, job: { jobId: 7 } }],
  } as unknown as CostFile;
  expect(await told(books, { fromFile: '/x.json' }, { file })).toBe('proposal 1 10000000');
  expect(await told(books, { fromFile: '/x.json' }, { file })).toBe('proposal 1 10000000');
  await approve({ proposal: '1', dryRun: false }, portsOf(books, BOB));
  expect(await sumsOf(books.ledger, 'ml-7')).toBe('1000 10 0 990');
  const told1 = books.raw().prepare('SELECT cpu_efficiency FROM performance').pluck().all();
  expect(told1).toEqual(['0.5']);
  const run = { jobId: 8, arrayTask: -1, submitS: 1_795_262_000, restart: 0 };
  await place(books.ledger, { account: 'ml-7', task: '200', run });
  expect(await told(books, { job: '8', actualCost: '180' })).toMatch(/^txn_\d+ 180000000$/u);
});

it('the commands tell of it', async () => {
  vi.stubEnv('ASBB_BUDGET_SECOND_PERSON_ABOVE', '50');
  const site = await cliSite();
  try {
    expect(await site.ok('transactions', 'proposals')).toBe('No proposals are waiting.\n');
    const year = ['--start', '2026-01-01', '--end', '2026-12-31', '--budget', '1000'];
    await site.ok('account', 'create', '--account', 'ml-7', '--name', 'ML', ...year);
    const ledger = site.ledger();
    const run = { jobId: 7, arrayTask: -1, submitS: 1_795_262_000, restart: 0 };
    await tryCharge(ledger, await place(ledger, { account: 'ml-7', task: '120', run }), '100');
    const out = await site.ok('reconcile', '7', '--actual-cost', '10', '--amend');
    expect(out).toContain('So much is only proposed');
    expect(out).toContain('asbb transactions approve 1');
    const json = await site.json('reconcile', '7', '--actual-cost', '10', '--amend');
    expect(json).toMatchObject({ proposal: 1, message: expect.stringContaining('Proposed') });
    const list = await site.ok('transactions', 'proposals');
    expect(list).toMatch(/^ID +COMMAND +OF +AMOUNT +BY UID +PROPOSED +REASON\n/u);
    expect(list).toMatch(/\n *1 +reconcile +7 +\$-90\.00 /u);
    expect(list.split('\n').every(({ length }) => length <= 80)).toBe(true);
    expect(await site.json('transactions', 'proposals', '--all')).toEqual([
      expect.objectContaining({ proposal: 1, status: 'waiting', job_id: '7', amount: -90 }),
    ]);
    expect((await site.asbb('transactions', 'approve', '2')).stderr).toContain(
      'see asbb transactions proposals',
    );
    expect((await site.asbb('transactions', 'approve', '1')).code).toBe(3);
    expect(await site.json('account', 'show', 'ml-7')).toMatchObject({ budget_used: 100 });
    expect((await site.asbb('ledger', 'verify')).code).toBe(0);
  } finally {
    site.close();
  }
});
