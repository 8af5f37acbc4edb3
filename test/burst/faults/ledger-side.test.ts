import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { DirectoryCostFiles } from '../../../src/adapters/system/directory-cost-files.ts';
import { Fault } from '../../../src/core/errors.ts';
import type { BurstPorts } from '../../../src/flows/steps/burst-ports.ts';
import { settlePass } from '../../../src/flows/steps/settle/run-pass.ts';
import { type SettleSite, startSettleSite } from '../../settle/support/settle-site.ts';
import { reconciled } from '../support/reconciling.ts';
import { callResume, nodeNames, startSite } from '../support/site.ts';
import type { ModelJob } from '../support/slurm-model.ts';

// burst.md 11: hooks that never come, or twice, and a spool directory that takes nothing.

const NODES = nodeNames('cpu', 1, 2);

/** Boots and runs; SLURM has freed the nodes and powered them down. */
async function ran(site: SettleSite, { withEpilog }: { readonly withEpilog: boolean }) {
  const job = await site.submit({ amount: '20' });
  await begin(site, job);
  site.accounted.end(job);
  if (withEpilog) {
    await site.epilogHook(job, NODES);
  }
  site.accounted.complete(job);
  await site.forward(60);
  await off(site);
  return job;
}

async function begin(site: SettleSite, job: ModelJob): Promise<void> {
  await site.allocate(job, NODES);
  await site.forward(60);
  site.accounted.register(NODES);
  await site.forward(200);
}

async function off(site: SettleSite): Promise<void> {
  site.slurm.powerDown(NODES);
  await site.suspendHook(NODES);
  await site.forward(130);
  site.slurm.settle();
}

interface Posted {
  readonly restart: bigint;
  readonly state: string;
  readonly charges: bigint;
}

/** Each hold with the number of its charges. */
function posted(site: SettleSite): readonly Posted[] {
  const db = site.books.raw();
  const rows = db
    .prepare(
      `SELECT restart, state, (SELECT COUNT(*) FROM txn t WHERE t.hold_id=h.hold_id AND t.kind='charge') charges
       FROM hold h ORDER BY hold_id`,
    )
    .all() as Posted[]; // safe integers are on
  db.close();
  return rows;
}

/** What the books and the bill of the fake do not agree in; nothing, when all is well. */
async function differences(site: SettleSite): Promise<readonly string[]> {
  const { spent, held } = site.booked();
  const billed = await site.billed();
  return [
    ...(billed === 0n ? ['nothing was billed'] : []),
    ...(spent === billed ? [] : [`${spent} booked, ${billed} billed`]),
    ...(held === 0n ? [] : [`${held} still held`]),
    ...(await site.books.broken()),
  ];
}

it('F9: epilog never called (the controller crashed): recover settles from sacct', async () => {
  const site = await startSettleSite();
  await ran(site, { withEpilog: false });
  await site.maintain();
  expect(posted(site)).toMatchObject([{ state: 'charged', charges: 1n }]);
  expect(await differences(site)).toEqual([]);
});

it('F10: epilog called twice at each end of a requeued job: one posting for each run', async () => {
  const site = await startSettleSite();
  const job = await site.submit({ amount: '20' });
  await begin(site, job);
  site.accounted.requeue(job, 'REQUEUED');
  await site.epilogHook(job, NODES, 0);
  await site.epilogHook(job, NODES, 0);
  await site.maintain();
  await site.forward(100);
  await begin(site, job);
  await site.epilogHook(job, NODES, 0); // late, of the run before
  site.accounted.end(job);
  await site.epilogHook(job, NODES, 1);
  await site.epilogHook(job, NODES, 1);
  site.accounted.complete(job);
  await off(site);
  await site.maintain();
  await site.maintain();
  expect(posted(site)).toEqual([
    { restart: 0n, state: 'charged', charges: 1n },
    { restart: 1n, state: 'charged', charges: 1n },
  ]);
  expect(await differences(site)).toEqual([]);
});

it('F42: ledger and spool are full after the launch: the ids are logged, the rows come from tags', async () => {
  const site = await startSite();
  const job = await site.submit();
  site.slurm.allocate(job.jobId, NODES);
  const { ledger } = site.ports;
  const full = new Fault('no space left', { exitCode: 75 });
  const ports: BurstPorts = {
    ...site.ports,
    ledger: {
      read: (query) => ledger.read(query),
      close: () => undefined,
      decide: async (request, query, choose) => {
        if ((await site.fake.launched()).length > 0) {
          throw full;
        }
        return await ledger.decide(request, query, choose);
      },
    },
    spool: {
      ...site.ports.spool,
      put: () => {
        throw full;
      },
    },
  };
  const result = await callResume(ports, 'aws-cpu-[001-002]', [job]);
  expect(result.exitCode).toBe(75);
  const launched = await site.fake.launched();
  expect(launched).toHaveLength(2);
  const told = site.logged.filter(({ event }) => event === 'spool_failed');
  expect(launched.filter((id) => !JSON.stringify(told).includes(id))).toEqual([]);
  expect(await site.fake.live()).toEqual([]);
  await site.forward(130);
  await reconciled(site);
  const { fleet } = await site.books.ledger.read({ fleet: { instanceIds: launched } });
  expect(fleet.instances.map(({ instanceId }) => instanceId).toSorted()).toEqual(
    launched.toSorted(),
  );
  expect(await site.books.broken()).toEqual([]);
});

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'asbb-faults-'));
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

it.each([
  ['missing', () => undefined, 0],
  // Whatever keeps a file from being written: the right, the disk, or this.
  ['taking no file', (place: string) => writeFileSync(place, ''), 1],
] as const)(
  'F48: the directory of cost files is %s: charged, the file follows',
  async (_how, spoil, failures) => {
    const site = await startSettleSite();
    const place = join(folder(), 'asbx');
    spoil(place);
    const all = { ...site.all, costFiles: new DirectoryCostFiles(join(place, 'costs')) };
    const job = await ran(site, { withEpilog: true });
    await site.reconcile();
    await settlePass(all);
    expect(posted(site)).toMatchObject([{ state: 'charged', charges: 1n }]);
    expect(await differences(site)).toEqual([]);
    const told = site.logged.filter(({ event }) => event === 'cost_file_failed');
    expect(told).toHaveLength(failures);
    if (failures > 0) {
      rmSync(place);
      mkdirSync(place);
      await settlePass(all);
    }
    const name = `job_${job.jobId}_cost.json`;
    expect(readdirSync(join(place, 'costs'))).toEqual([name]);
    const file: unknown = JSON.parse(readFileSync(join(place, 'costs', name), 'utf8'));
    expect(file).toMatchObject({
      reconciliation_status: 'final',
      actual_cost_micros: Number(site.booked().spent),
    });
    expect(await differences(site)).toEqual([]);
  },
);
