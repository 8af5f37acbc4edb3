import { expect, it } from 'vitest';
import { OutsideNotifier } from '../../src/adapters/notify/outside-notifier.ts';
import { ExclusiveLocks } from '../../src/adapters/sqlite/exclusive-lock.ts';
import { SqliteAlertFacts } from '../../src/adapters/sqlite/sqlite-alert-facts.ts';
import { SqliteBurnCache } from '../../src/adapters/sqlite/sqlite-burn-cache.ts';
import { SqliteLedgerCare } from '../../src/adapters/sqlite/sqlite-care.ts';
import { SqliteCounts } from '../../src/adapters/sqlite/sqlite-counts.ts';
import { SqliteReports } from '../../src/adapters/sqlite/sqlite-reports.ts';
import { SqliteSpending } from '../../src/adapters/sqlite/sqlite-spending.ts';
import { DirectoryAssociations } from '../../src/adapters/system/directory-associations.ts';
import { DirectorySpool } from '../../src/adapters/system/directory-spool.ts';
import { RandomIds } from '../../src/adapters/system/random-ids.ts';
import { Fault } from '../../src/core/errors.ts';
import { epilog } from '../../src/flows/epilog.ts';
import { MAINTAIN_STEPS, type MaintainPorts, maintain } from '../../src/flows/maintain.ts';
import { nodesReconcile } from '../../src/flows/nodes-reconcile.ts';
import { recover } from '../../src/flows/recover.ts';
import { nodeNames } from '../burst/support/site.ts';
import { pricing, site as pricingSite } from '../support/pricing-site.ts';
import { type SettleSite, startSettleSite } from './support/settle-site.ts';

function portsOf(site: SettleSite, changes: Partial<MaintainPorts> = {}): MaintainPorts {
  const { clock } = site.books;
  const locks = new ExclusiveLocks(site.books.directory);
  const requests = new Map<string, unknown>();
  return {
    ...site.all,
    alertFacts: new SqliteAlertFacts(site.books.place),
    reports: new SqliteReports({ place: site.books.place, zone: 'UTC', clusterName: 'hpc1' }),
    spending: new SqliteSpending(site.books.place),
    burnCache: new SqliteBurnCache(site.books.place, site.books.clock),
    notifier: new OutsideNotifier(site.all.settings.notifications, undefined),
    counts: new SqliteCounts(site.books.place),
    placeMetrics: () => undefined,
    local: {
      inbox: { find: () => [], list: () => [], filed: () => undefined },
      pricing: () => pricing(pricingSite()),
      mayPrice: false,
    },
    zone: 'UTC',
    locks,
    associations: new DirectoryAssociations(site.books.directory),
    spool: new DirectorySpool(site.books.directory, site.all.clock, new RandomIds()),
    requests: {
      list: () => [...requests.keys()].map((name) => ({ name, ageSeconds: 100 })),
      read: (name) => requests.get(name),
      remove: (name) => {
        requests.delete(name);
      },
    },
    care: new SqliteLedgerCare({
      place: site.books.place,
      clock,
      actor: { uid: process.getuid?.() ?? 0, name: 'test' },
    }),
    reconcileNodes: async (isDryRun) => {
      const { exitCode } = await nodesReconcile({ isDryRun }, { ...site.all, locks });
      return { text: 'reconciled', exitCode };
    },
    ...changes,
  };
}

/** A job that ended and whose node is gone; nobody has settled it. */
async function endedJob(site: SettleSite): Promise<void> {
  const job = await site.submit({ amount: '20' });
  const nodes = nodeNames('cpu', 1, 2);
  await site.allocate(job, nodes);
  await site.forward(60);
  site.accounted.register(nodes);
  await site.forward(300);
  site.accounted.end(job);
  site.accounted.complete(job);
  await site.powerOff(nodes);
}

it('every step in order, once a day the check; a second run at the same time ends at once', async () => {
  const site = await startSettleSite();
  await endedJob(site);
  const ports = portsOf(site);
  const busy = ports.locks.take('maintain');
  expect(await maintain({}, ports)).toMatchObject({ state: 'running', exitCode: 0, steps: [] });
  busy?.release();
  const first = await maintain({}, ports);
  expect(first.exitCode).toBe(0);
  expect(first.steps.map(({ step, outcome }) => `${step} ${outcome}`)).toEqual(
    MAINTAIN_STEPS.map((step) => `${step} done`),
  );
  expect(first.recovered).toMatchObject({ released: 0, reconciled: 1, kept: 0, failed: 0 });
  expect(site.booked()).toEqual({ spent: await site.billed(), held: 0n });
  const second = await maintain({}, ports);
  expect(second.steps.at(-1)).toMatchObject({ step: 'check', outcome: 'skipped' });
  expect(second.recovered).toMatchObject({ reconciled: 0 });
});

it('6.3: the steps are those of the specification, in its order', () => {
  const named = ['nodes', 'requests', 'spool', 'import', 'recover', 'accounts', 'allocations'];
  const last = ['burn', 'alerts', 'metrics'];
  const order = MAINTAIN_STEPS.filter((step) => [...named, ...last].includes(step));
  expect(order).toEqual([...named, ...last]);
});

it('overlapping runs of the settling pass change nothing twice', async () => {
  const site = await startSettleSite();
  await endedJob(site);
  await site.reconcile();
  const other = { ...site.all, ledger: site.books.open() };
  await Promise.all([recover({}, site.all), recover({}, other), recover({}, site.all)]);
  expect(site.booked()).toEqual({ spent: await site.billed(), held: 0n });
});

it('a dry run tells what would be done and does nothing', async () => {
  const site = await startSettleSite();
  await endedJob(site);
  await site.reconcile();
  const before = site.booked();
  const told = await recover({ isDryRun: true }, site.all);
  expect(told).toMatchObject({ isDryRun: true, reconciled: 1 });
  expect(told.rows[0]).toMatchObject({ account: 'chem', action: 'reconciled' });
  expect(site.booked()).toEqual(before);
  expect((await recover({}, site.all)).rows).toMatchObject(
    told.rows.map(({ token, action }) => ({ token, action })),
  );
});

it('T3: notes who may charge what while the cluster enforces no associations', async () => {
  const site = await startSettleSite();
  const ports = portsOf(site);
  const { associations } = ports;
  const only = { only: ['associations'] } as const;
  const stranger = { account: 'chem', user: 'eve' };
  expect((await maintain(only, ports)).steps[0]?.text).toBe('the cluster enforces associations');
  expect(associations.isForeign(stranger)).toBe(false);
  site.slurm.enforce = 'none';
  expect((await maintain(only, ports)).exitCode).toBe(0);
  expect(associations.isForeign(stranger)).toBe(true);
  expect(associations.isForeign({ account: 'Chem', user: 'ada' })).toBe(false);
  site.slurm.fail('associations');
  expect((await maintain(only, ports)).exitCode).toBe(75);
  expect(associations.isForeign(stranger)).toBe(true); // what is known stays
  site.slurm.enforce = 'safe';
  await maintain(only, ports);
  expect(associations.isForeign(stranger)).toBe(false);
});

it('a listing that fails stops its step alone; the exit code is 75', async () => {
  const site = await startSettleSite();
  await endedJob(site);
  site.slurm.fail('runsSince');
  const result = await maintain({}, portsOf(site));
  expect(result.exitCode).toBe(75);
  expect(
    result.steps.filter(({ outcome }) => outcome === 'failed').map(({ step }) => step),
  ).toEqual(['recover']);
  expect(site.booked().spent).toBe(0n);
});

it('an epilog that could not reach the ledger is taken from the spool', async () => {
  const site = await startSettleSite();
  const job = await site.submit({ amount: '20' });
  const nodes = nodeNames('cpu', 1, 1);
  await site.allocate(job, nodes);
  await site.forward(60);
  site.accounted.register(nodes);
  await site.forward(300);
  site.accounted.end(job);
  const ports = portsOf(site);
  const broken = {
    read: () => Promise.reject(new Fault('the disk is full', { exitCode: 75 })),
    decide: () => Promise.reject(new Fault('the disk is full', { exitCode: 75 })),
    close: () => undefined,
  };
  const call = {
    cluster: 'hpc1',
    jobId: job.jobId,
    arrayJobId: undefined,
    arrayTask: -1,
    restart: 0,
    partition: 'aws',
    account: 'chem',
    userName: 'ada',
    nodeList: nodes.join(','),
    nodes: 1,
  };
  expect(await epilog(call, { ...ports, ledger: broken })).toBe(75);
  expect(ports.spool.list().map(({ kind }) => kind)).toEqual(['epilog']);
  const result = await maintain({ only: ['spool'] }, ports);
  expect(result.steps).toMatchObject([
    { step: 'spool', outcome: 'done', text: '1 event taken in' },
  ]);
  expect(ports.spool.list()).toEqual([]);
  const db = site.books.raw();
  expect(db.prepare("SELECT COUNT(*) n FROM note WHERE name LIKE 'run:%'").get()).toEqual({
    n: 1n,
  });
  db.close();
});

it('the head of the journal is written down', async () => {
  const site = await startSettleSite();
  await site.submit();
  const result = await maintain({ only: ['heads'] }, portsOf(site));
  expect(result.steps[0]?.text).toMatch(/^journal at \d+$/u);
});
