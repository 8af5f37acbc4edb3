import { RunInstancesCommand, TerminateInstancesCommand } from '@aws-sdk/client-ec2';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type FakeEc2, startFakeEc2 } from '../support/fake-ec2.ts';
import type { FakeBillLine, FakeInstance } from '../support/fake-ec2-control.ts';
import { call, client, IMAGE, SUBNET_A, SUBNET_B, scaled, WORLD } from './fixture.ts';
import { newStreams, uniform } from './random.ts';

let fake: FakeEc2;

beforeAll(async () => {
  fake = await startFakeEc2({ ...WORLD, default_capacity: 100_000 });
});

afterAll(async () => {
  await fake.stop();
});

beforeEach(async () => {
  await fake.reset();
});

async function launch(market: 'spot' | 'on-demand', type = 'c5.large'): Promise<string> {
  await client(fake).send(
    new RunInstancesCommand({
      MinCount: 1,
      MaxCount: 1,
      ImageId: IMAGE,
      InstanceType: type as 'c5.large',
      SubnetId: SUBNET_A,
      ...(market === 'spot' ? { InstanceMarketOptions: { MarketType: 'spot' } } : {}),
    }),
  );
  return (await fake.launched()).at(-1) ?? '';
}

async function terminate(id: string): Promise<void> {
  await client(fake).send(new TerminateInstancesCommand({ InstanceIds: [id] }));
}

async function lines(): Promise<readonly (readonly [number, number, number])[]> {
  const bill = await fake.bill();
  const start = 1_767_225_600; // 2026-01-01T00:00:00Z
  return bill.lines.map((line) => [line.from_s - start, line.to_s - start, line.micro]);
}

describe('one life', () => {
  it('on-demand by the second', async () => {
    const id = await launch('on-demand');
    await fake.advance(1000);
    await terminate(id);
    // 0.085 $ × 1000 / 3600 = 23,611.1 µ$
    expect(await lines()).toEqual([[0, 1000, 23_611]]);
  });

  it('rounds half up, once', async () => {
    // Half a micro-dollar a second: 75 seconds are 37.5, and two prices round together, not each.
    await fake.price('c5.large', 'us-east-1a', 18_000_000);
    const id = await launch('spot');
    await fake.advance(75);
    expect(await lines()).toEqual([[0, 75, 38]]);
    await fake.price('c5.large', 'us-east-1a', 18_000_000);
    await fake.advance(75);
    await terminate(id);
    expect(await lines()).toEqual([
      [0, 75, 38],
      [75, 150, 37],
    ]);
  });

  it('costs a minute at least', async () => {
    const id = await launch('on-demand');
    await fake.advance(46); // running by now
    await terminate(id);
    expect(await lines()).toEqual([[0, 60, 1417]]);
  });

  it('costs nothing when terminated while pending, or failed in it', async () => {
    const id = await launch('on-demand');
    await fake.advance(10);
    await terminate(id);
    const failed = await launch('on-demand');
    await fake.external({ fail: failed });
    await fake.advance(1000);
    expect(await lines()).toEqual([]);
  });

  it('is billed when somebody else ended it while pending', async () => {
    const id = await launch('on-demand');
    await fake.advance(10);
    await fake.external({ terminate: id });
    expect(await lines()).toEqual([[0, 60, 1417]]);
  });

  it('cuts spot where the price changes; segments add up to the rounded whole', async () => {
    const id = await launch('spot');
    await fake.advance(700);
    await fake.price('c5.large', 'us-east-1a', 331_000_001);
    await fake.advance(700);
    await fake.price('c5.large', 'us-east-1a', 310_000_000);
    await fake.advance(700);
    await terminate(id);
    const sum = 700n * (330_000_000n + 331_000_001n + 310_000_000n);
    const whole = Number((sum + 18_000_000n) / 36_000_000n);
    const own = await lines();
    expect(own.map(([from, to]) => [from, to])).toEqual([
      [0, 700],
      [700, 1400],
      [1400, 2100],
    ]);
    expect(own.reduce((total, [, , micro]) => total + micro, 0)).toBe(whole);
    expect((await fake.bill()).total_micro).toBe(whole);
  });

  it('is free when EC2 takes a spot instance in its first hour, not in its second', async () => {
    const first = await launch('spot');
    await fake.advance(3000);
    const second = await launch('spot');
    await fake.interrupt(first, 599);
    await fake.interrupt(second, 3600);
    await fake.advance(4000);
    const byId = new Map((await fake.bill()).lines.map((line) => [line.instance, line]));
    expect(byId.get(first)).toMatchObject({ rate_e10: 0, micro: 0 });
    expect(byId.get(second)).toMatchObject({ rate_e10: 330_000_000, micro: 33_000 });
  });

  it('is charged when we terminate after the notice', async () => {
    const id = await launch('spot');
    await fake.advance(600);
    await fake.interrupt(id, 120);
    await fake.advance(60);
    await terminate(id);
    await fake.advance(600);
    // 0.0330 $ × 660 / 3600
    expect(await lines()).toEqual([[0, 660, 6050]]);
  });

  it('counts from running when the world says so', async () => {
    await fake.world({ billing: { from: 'running' } });
    const id = await launch('on-demand');
    await fake.advance(1000);
    await terminate(id);
    const [state] = (await fake.state()).instances;
    const [line] = (await fake.bill()).lines;
    expect(line?.from_s).toBe(Math.floor((state?.running_us ?? 0) / 1e6));
    expect((line?.to_s ?? 0) - (line?.from_s ?? 0)).toBeLessThan(1000);
  });

  it('goes on while the instance lives, and stops with a stop', async () => {
    const id = await launch('on-demand');
    await fake.advance(3600);
    expect(await lines()).toEqual([[0, 3600, 85_000]]);
    await fake.external({ stop: id });
    await fake.advance(3600);
    await terminate(id);
    expect(await lines()).toEqual([[0, 3600, 85_000]]);
  });

  it('is summed by hold and cluster', async () => {
    const tags = {
      'TagSpecification.1.ResourceType': 'instance',
      'TagSpecification.1.Tag.1.Key': 'asbb:hold',
      'TagSpecification.1.Tag.1.Value': 'h1',
      'TagSpecification.1.Tag.2.Key': 'asbb:cluster',
      'TagSpecification.1.Tag.2.Value': 'hpc1',
    };
    const params = { MinCount: '2', MaxCount: '2', ImageId: IMAGE, InstanceType: 'c5.large' };
    await call(fake, 'RunInstances', { ...params, SubnetId: SUBNET_A, ...tags });
    await launch('on-demand');
    await fake.advance(3600);
    expect(await fake.bill()).toMatchObject({
      totals: { by_hold: { h1: 170_000 }, by_cluster: { hpc1: 170_000 } },
      total_micro: 255_000,
    });
  });
});

// ---- many random lives against a second computation: price by price, second by second, in rationals.

interface PriceChange {
  readonly atS: number;
  readonly type: string;
  readonly az: string;
  readonly e10: number;
}

const LIVES = scaled(1000, 10_000);
const BATCH = 25;
const START_S = 1_767_225_600;

/** µ$ of an instance: Σ over its seconds, then one division, rounded half up. */
function independent(instance: FakeInstance, changes: readonly PriceChange[]): number {
  const seconds = billedSeconds(instance);
  if (seconds === undefined) {
    return 0;
  }
  const [from, to] = seconds;
  let numerator = 0n;
  for (let s = from; s < to; s += 1) {
    // The minimum of a minute is filled up at the price of the last real second.
    const lived = Math.min(s, Math.max(from, endOf(instance) - 1));
    numerator += BigInt(priceAt(instance, lived, changes));
  }
  const denominator = 36_000_000n;
  return Number((2n * numerator + denominator) / (2n * denominator));
}

function endOf(instance: FakeInstance): number {
  return Math.floor((instance.end_us ?? 0) / 1e6);
}

function billedSeconds(instance: FakeInstance): readonly [number, number] | undefined {
  const from = Math.floor(instance.launch_us / 1e6);
  const end = endOf(instance);
  const diedPending = instance.running_us === null;
  if (diedPending && !instance.end_cause.startsWith('external')) {
    return undefined;
  }
  if (instance.end_cause === 'spot-interruption' && end - from < 3600) {
    return undefined;
  }
  return [from, Math.max(end, from + 60)];
}

const LIST: Readonly<Record<string, number>> = {
  'c5.large': 850_000_000,
  'c5.xlarge': 1_700_000_000,
  'c5.2xlarge': 3_400_000_000,
};

function priceAt(instance: FakeInstance, s: number, changes: readonly PriceChange[]): number {
  if (instance.market === 'on-demand') {
    return LIST[instance.type] ?? Number.NaN;
  }
  let price = Number.NaN;
  for (const change of changes) {
    if (change.type === instance.type && change.az === instance.az && change.atS <= s) {
      price = change.e10;
    }
  }
  return price;
}

function sumByInstance(bill: readonly FakeBillLine[]): ReadonlyMap<string, number> {
  const sums = new Map<string, number>();
  for (const line of bill) {
    sums.set(line.instance, (sums.get(line.instance) ?? 0) + line.micro);
  }
  return sums;
}

describe('many random lives', () => {
  const draws = newStreams(4711);
  function below(n: number): number {
    return Math.floor(uniform(draws, 'lives') * n);
  }
  const changes: PriceChange[] = [
    ['c5.large', 'us-east-1a', 330_000_000],
    ['c5.large', 'us-east-1b', 310_000_000],
    ['c5.xlarge', 'us-east-1a', 681_000_000],
    ['c5.xlarge', 'us-east-1b', 700_000_000],
    ['c5.2xlarge', 'us-east-1a', 1_360_000_000],
    ['c5.2xlarge', 'us-east-1b', 1_360_000_000],
  ].map(([type, az, e10]) => ({ atS: 0, type: String(type), az: String(az), e10: Number(e10) }));

  async function step(nowS: number, live: string[]): Promise<void> {
    const pick = changes[below(6)] as PriceChange;
    await call(fake, 'RunInstances', {
      MinCount: String(BATCH),
      MaxCount: String(BATCH),
      ImageId: IMAGE,
      InstanceType: pick.type,
      SubnetId: pick.az.endsWith('a') ? SUBNET_A : SUBNET_B,
      ...(below(3) > 0 ? { 'InstanceMarketOptions.MarketType': 'spot' } : {}),
    });
    const e10 = 200_000_000 + below(900_000_000);
    await fake.price(pick.type, pick.az, e10);
    changes.push({ atS: nowS, type: pick.type, az: pick.az, e10 });
    for (let i = 0; i < BATCH && live.length > 60; i += 1) {
      await endOne(live.splice(below(live.length), 1)[0] ?? '');
    }
  }

  async function endOne(id: string): Promise<void> {
    const how = below(10);
    if (how < 5) {
      await call(fake, 'TerminateInstances', { 'InstanceId.1': id });
    } else if (how < 8) {
      // On-demand ones cannot be interrupted; they are powered off.
      await fake.interrupt(id, below(300)).catch(() => fake.external({ poweroff: id }));
    } else {
      await fake.external(how === 8 ? { terminate: id } : { stop: id });
    }
  }

  it(`agrees to the micro-dollar over ${LIVES} of them`, async () => {
    await fake.world({ life: { terminated_visible_s: 1e7 } });
    let nowS = START_S;
    let live: string[] = [];
    for (let n = 0; n < LIVES; n += BATCH) {
      const before = (await fake.clock()).now_us;
      await fake.advance(below(6) === 0 ? below(4000) : below(90) + uniform(draws, 'part'));
      nowS = Math.floor((await fake.clock()).now_us / 1e6);
      expect(nowS).toBeGreaterThanOrEqual(Math.floor(before / 1e6));
      await step(nowS, live);
      live = (await fake.live()).filter((i) => i.notice_us === null).map((i) => i.id);
    }
    for (const id of live) {
      await call(fake, 'TerminateInstances', { 'InstanceId.1': id });
    }
    await fake.advance(3600);
    const { instances } = await fake.state();
    const sums = sumByInstance((await fake.bill()).lines);
    const wrong = instances.filter((i) => (sums.get(i.id) ?? 0) !== independent(i, changes));
    expect(instances).toHaveLength(Math.ceil(LIVES / BATCH) * BATCH);
    expect(wrong).toEqual([]);
    // Every way to end occurred.
    expect(new Set(instances.map((i) => i.end_cause))).toEqual(
      new Set([
        'TerminateInstances',
        'spot-interruption',
        'external:terminate',
        'external:stop',
        'external:poweroff',
      ]),
    );
  });
});
