import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { AwsPriceList } from '../../src/adapters/ec2/price-list.ts';
import { isRefused } from '../../src/core/errors.ts';
import { parseRate, toE10Text } from '../../src/core/money/rate.ts';
import { updatePrices } from '../../src/flows/prices-update.ts';
import type { PriceFile } from '../../src/ports/prices.ts';
import { memoryCatalog, WORLD } from '../burst/support/site.ts';
import { type FakeEc2, startFakeEc2 } from '../support/fake-ec2.ts';
import { settingsFor } from './support.ts';

// The price list through the real SDK: recorded products of two regions, and products that are traps.

const REGION = 'us-east-1';

let fake: FakeEc2;
beforeAll(async () => {
  fake = await startFakeEc2({ ...WORLD, price_lists: ['us-east-1', 'us-west-2', 'traps'] });
});
afterAll(async () => {
  await fake.stop();
});
beforeEach(async () => {
  await fake.reset();
});

async function priceOf(type: string, region = REGION): Promise<string | undefined> {
  const rate = await new AwsPriceList(settingsFor(fake.url)).onDemand(type, region);
  return rate === undefined ? undefined : toE10Text(rate);
}

describe('the on-demand price of a type', () => {
  it.each([
    ['c5.xlarge', 'us-east-1', '1700000000'],
    ['c5n.18xlarge', 'us-east-1', '38880000000'],
    ['c5.unheard', 'us-east-1', undefined],
    ['c5.xlarge', 'eu-north-1', undefined],
    ['trap.two-skus', 'us-east-1', '1700000000'], // the others are reserved capacity
    ['trap.zero', 'us-east-1', undefined],
    ['trap.cny', 'us-east-1', undefined],
    ['trap.no-terms', 'us-east-1', undefined],
    ['trap.tiered', 'us-east-1', undefined],
    ['trap.twice', 'us-east-1', undefined],
  ])('%s in %s is %s', async (type, region, e10) => {
    expect(await priceOf(type, region)).toBe(e10);
  });

  it('is asked for page by page', async () => {
    await fake.addFaults({ id: 'page', match: { action: 'GetProducts' }, do: { page_size: 1 } });
    expect(await priceOf('trap.two-skus')).toBe('1700000000');
  });

  it('that cannot be had is 75, with the permission that it needs', async () => {
    await fake.addFaults({
      id: 'denied',
      match: { action: 'GetProducts' },
      do: { error: { code: 'AccessDeniedException', status: 400 } },
    });
    await expect(priceOf('c5.xlarge')).rejects.toMatchObject({
      exitCode: 75,
      advice: expect.stringContaining('pricing:GetProducts'),
    });
  });
});

describe('asbb prices update', () => {
  function ports(written: unknown[]) {
    const settings = settingsFor(fake.url);
    const priceFile: PriceFile = { read: () => undefined, write: (table) => written.push(table) };
    return {
      settings,
      priceFile,
      catalog: memoryCatalog(),
      priceList: new AwsPriceList(settings),
      today: '2026-11-21',
    };
  }

  it('writes all configured types of the region, or with --dry-run none', async () => {
    const written: unknown[] = [];
    const looked = await updatePrices({ isDryRun: true }, ports(written));
    expect(written).toEqual([]);
    const updated = await updatePrices({ isDryRun: false }, ports(written));
    expect(written).toMatchObject([{ date: '2026-11-21', region: REGION }]);
    expect(isRefused(looked) || isRefused(updated)).toBe(false);
    expect(updated).toMatchObject({ isWritten: true, region: REGION });
  });

  it('4.5: asks also for what auto may choose, and leaves out what AWS does not sell', async () => {
    const written: unknown[] = [];
    const given = ports(written);
    const [partition] = given.settings.slurm.partitions;
    const [group] = partition?.node_groups ?? [];
    if (partition === undefined || group === undefined) {
      throw new Error('the example has a group');
    }
    const auto = {
      ...group,
      launch_template_overrides: [{ instance_type: 'auto' }],
      slurm_specifications: { CPUs: '4', RealMemory: '7000' },
    };
    const settings = {
      ...given.settings,
      slurm: { ...given.settings.slurm, partitions: [{ ...partition, node_groups: [auto] }] },
    };
    const sold = new Set(['c5.xlarge', 'c6i.xlarge']);
    const priceList = {
      onDemand: (type: string) => Promise.resolve(sold.has(type) ? parseRate('0.17') : undefined),
    };
    const updated = await updatePrices({ isDryRun: false }, { ...given, settings, priceList });
    expect(updated).toMatchObject({ rows: [{ type: 'c5.xlarge' }, { type: 'c6i.xlarge' }] });
  });

  it('writes nothing when one type has no price', async () => {
    const written: unknown[] = [];
    const { priceList, ...others } = ports(written);
    const missing = { onDemand: () => Promise.resolve(undefined) };
    const answer = await updatePrices({ isDryRun: false }, { ...others, priceList: missing });
    expect(answer).toMatchObject({ code: 'NOT_FOUND' });
    expect(priceList).toBeInstanceOf(AwsPriceList);
    expect(written).toEqual([]);
  });
});
