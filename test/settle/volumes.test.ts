import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { CostFile } from '../../schema/output/cost-file.ts';
import { FileVolumes } from '../../src/adapters/system/file-volumes.ts';
import { priceJob } from '../../src/core/burst/price-job.ts';
import { volumeSizes } from '../../src/core/burst/volumes.ts';
import { isRefused } from '../../src/core/errors.ts';
import { burstExport } from '../../src/flows/burst-export.ts';
import { learnVolumes } from '../../src/flows/steps/known-volumes.ts';
import { pricingOf } from '../../src/wiring/pricing.ts';
import { nodeNames } from '../burst/support/site.ts';
import { startSettleSite } from './support/settle-site.ts';
import { tallyOf } from './support/tally.ts';
import { Week } from './support/week.ts';

const SCALE = Number(process.env['ASBB_TEST_SCALE'] ?? 1);
const FIRST_SEED = Number(process.env['ASBB_TEST_SEED'] ?? 1);

/** Odd prices and sizes: nothing divides. */
const COST = { include_ebs: true, ebs_gb_month_price: '0.095237' };
const WORLD = {
  billing: { volume_gib_month_micro: 95_237 },
  images: [
    {
      id: 'ami-0a11ce00000000001',
      volumes: [
        { device: '/dev/xvda', gib: 30 },
        { device: '/dev/xvdb', gib: 7 },
        { device: '/dev/xvdc', gib: 500, kept: true },
      ],
    },
  ],
};
const POLICIES: readonly Readonly<Record<string, string>>[] = [
  {},
  { charge_idle: 'pool', pool_account: 'chem' },
  { charge_idle: 'none', aborted_attempts: 'site' },
];
const WEEKS = Array.from({ length: 3 * SCALE }, (_, at) => ({
  seed: FIRST_SEED + at,
  cost: { ...COST, ...POLICIES[at % POLICIES.length] },
}));

// The fake bills volumes by its own reckoning; the ledger's charges are the same to the micro-dollar.
it.each(WEEKS)(
  'COST-8: a week with volumes, $seed, $cost',
  {
    timeout: 120_000,
  },
  async ({ seed, cost }) => {
    const site = await startSettleSite({ seed, world: WORLD, settings: { cost } });
    const week = new Week(site, seed);
    await week.run(45);
    await week.finish();
    const story = week.told.join('\n');
    const { billed, laidToSite: _, ...tally } = await tallyOf(site);
    expect(tally, story).toEqual({
      live: [],
      openHolds: [],
      unsettled: 0n,
      held: 0n,
      paid: billed,
    });
    const { lines } = await site.fake.bill();
    expect(lines.some(({ type }) => type === 'volume')).toBe(true);
  },
);

/** What two volumes of 30 and 7 GiB cost in so many seconds, each half up. */
function volumesMicro(seconds: number): number {
  return [30, 7].reduce(
    (sum, gib) => sum + Math.floor((gib * 95_237 * seconds * 2 + 2_592_000) / (2 * 2_592_000)),
    0,
  );
}

describe('COST-8: one job on two nodes', () => {
  it('its hold is raised before the launch, and charge, cost file and exports have the volumes', async () => {
    const site = await startSettleSite({ world: WORLD, settings: { cost: COST } });
    const job = await site.submit({ amount: '0.000001' });
    const nodes = nodeNames('cpu', 1, 2);
    await site.allocate(job, nodes);
    const [hold] = (await site.books.ledger.read({ holds: { jobIds: [job.jobId] } })).holds;
    const seconds = (job.timeLimitSeconds ?? 0) + site.settings.cost.overhead_seconds;
    // 37 GiB × $0.095237 ÷ 720 h is 48,941,236.1… e10 an hour, rounded up.
    const perHour = 1_700_000_000n + 48_941_237n;
    const factor = BigInt(Math.round(Number(site.settings.budget.default_hold_percentage) * 100));
    const [units, whole] = [2n * perHour * BigInt(seconds) * factor, 3_600_000_000n];
    expect(hold?.amount).toBe((units + whole - 1n) / whole);
    await site.forward(60);
    site.accounted.register(nodes);
    await site.maintain();
    await site.forward(3000);
    await site.leave(job, nodes);
    await site.maintain();

    const { lines } = await site.fake.bill();
    const ended = lines.filter(({ type }) => type !== 'volume');
    const volumes = ended.reduce((sum, line) => sum + volumesMicro(line.to_s - line.from_s), 0);
    const { spent, held } = site.booked();
    expect({ spent, held }).toEqual({ spent: await site.billed(), held: 0n });
    const file = site.files.get(`job_${job.jobId}_cost.json`);
    expect(CostFile.parse(file)).toMatchObject({
      actual_cost_micros: Number(spent),
      ebs_micros: volumes,
      cost_breakdown: { ebs: volumes / 1e6 },
      not_included: ['data_transfer', 'public_ipv4', 'nat', 'shared_storage', 'support'],
    });
    const ports = { ...site.all, rateOf: () => site.all.rateOf, version: '1', keyedHash: String };
    const ask = { jobId: String(job.jobId), isAnonymous: false };
    expect(await burstExport({ ...ask, format: 'asbb-reconciliation' }, ports)).toMatchObject({
      document: {
        actual_cost: Number(spent) / 1e6,
        compute_cost: (Number(spent) - volumes) / 1e6,
        storage_cost: volumes / 1e6,
        not_included: ['network'],
      },
    });
    expect(await burstExport({ ...ask, format: 'json' }, ports)).toMatchObject({
      document: {
        cost_analysis: {
          storage_cost_usd: volumes / 1e6,
          total_cost_usd: Number(spent) / 1e6,
          not_included: ['network'],
        },
      },
    });
    const db = site.books.raw();
    const late = db.prepare("SELECT cause FROM txn WHERE kind='late' AND hold_id=?").pluck();
    expect(late.all(hold?.holdId)).toEqual(['volumes']);
    db.close();
  });

  it('without include_ebs no image is asked for and nothing of volumes is written', async () => {
    const site = await startSettleSite({ world: { ...WORLD, billing: {} } });
    const job = await site.submit();
    const nodes = nodeNames('cpu', 1, 2);
    await site.allocate(job, nodes);
    await site.forward(60);
    site.accounted.register(nodes);
    await site.forward(600);
    await site.leave(job, nodes);
    await site.maintain();
    expect(await site.fake.callsOf('DescribeImages')).toEqual([]);
    expect(site.booked()).toEqual({ spent: await site.billed(), held: 0n });
    const db = site.books.raw();
    expect(db.prepare('SELECT DISTINCT volumes FROM instance').pluck().all()).toEqual(['[]']);
    expect(db.prepare('SELECT SUM(volume_micro) FROM usage').pluck().get()).toBe(0n);
    expect(db.prepare("SELECT request FROM intent WHERE request LIKE '%volumes%'").all()).toEqual(
      [],
    );
    db.close();
    expect(site.files.get(`job_${job.jobId}_cost.json`)).toMatchObject({
      ebs_micros: 0,
      not_included: expect.arrayContaining(['ebs']),
    });
  });

  it('COST-2, COST-6: taken back in its first hour and suspended after it, an instance is free, its volumes are not', async () => {
    const site = await startSettleSite({ world: WORLD, settings: { cost: COST } });
    const job = await site.submit();
    const nodes = nodeNames('spot', 1, 1);
    await site.allocate(job, nodes);
    await site.forward(60);
    site.accounted.register(nodes);
    await site.forward(2800);
    const [instance = ''] = await site.fake.launched();
    await site.fake.interrupt(instance, 0);
    await site.forward(1000);
    await site.leave(job, nodes);
    await site.maintain();
    const { lines } = await site.fake.bill();
    const own = lines.filter(({ type }) => type !== 'volume');
    expect(own.map(({ micro }) => micro)).toEqual([0]);
    const seconds = own.reduce((sum, line) => sum + line.to_s - line.from_s, 0);
    expect(site.booked()).toEqual({ spent: BigInt(volumesMicro(seconds)), held: 0n });
  });
});

describe('COST-8: what a submission is held for', () => {
  const folder = mkdtempSync(join(tmpdir(), 'asbb-volumes-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('has the volumes that EC2 last told of the launch template; before that the launch adds them', async () => {
    const cost = { cost: COST, slurm: { state_dir: folder } };
    const site = await startSettleSite({ world: WORLD, settings: cost });
    const volumes = new FileVolumes(folder);
    const shape = {
      ...{ partitions: ['aws'], timeLimitSeconds: 3600, limits: {}, minNodes: 1 },
      ...{ gres: [], features: '', arrayTasks: 1 },
    };
    function pricing(): unknown {
      const priced = priceJob(shape, pricingOf(site.settings));
      return priced === undefined || isRefused(priced) ? priced : JSON.parse(priced.pricing);
    }
    const before = pricing();
    expect(before).not.toHaveProperty('ebs_e10');
    await learnVolumes({ ...site.all, volumes });
    const { rate_e10: rate } = Object(before);
    expect(pricing()).toMatchObject({
      rate_e10: String(BigInt(rate) + 48_941_237n),
      ebs_e10: '48941237',
    });
    // Known now: nobody asks again.
    const asked = await site.fake.callsOf('DescribeImages');
    await learnVolumes({ ...site.all, volumes });
    expect(await site.fake.callsOf('DescribeImages')).toEqual(asked);
    writeFileSync(join(folder, 'volumes.json'), '{"lt": "x"');
    expect(volumes.read()).toEqual({});
  });
});

describe('COST-8: the mappings of the template over those of the image', () => {
  const image = [
    { device: '/dev/xvda', gib: 8, deleteOnTermination: true },
    { device: '/dev/xvdb', gib: 100, deleteOnTermination: false },
    { device: '/dev/xvdc', gib: 5, deleteOnTermination: true },
  ];
  const none = { gib: undefined, deleteOnTermination: undefined };
  it.each([
    ['the image alone', [], [8, 5]],
    ['a larger root', [{ ...none, device: '/dev/xvda', gib: 50 }], [50, 5]],
    [
      'a kept one that ends now',
      [{ ...none, device: '/dev/xvdb', deleteOnTermination: true }],
      [8, 100, 5],
    ],
    ['one taken away', [{ ...none, device: '/dev/xvdc', isRemoved: true }], [8]],
    ['a further one', [{ ...none, device: '/dev/sdf', gib: 9 }], [8, 5, 9]],
    [
      'a further one that stays',
      [{ device: '/dev/sdf', gib: 9, deleteOnTermination: false }],
      [8, 5],
    ],
    ['a snapshot of unknown size', [{ ...none, device: '/dev/sdf' }], [8, 5]],
  ] as const)('%s', (_, template, sizes) => {
    expect(volumeSizes(template, image)).toEqual(sizes);
  });
});
