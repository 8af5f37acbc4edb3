import { describe, expect, it } from 'vitest';
import { breakersNote, parseBreakers } from '../../src/core/burst/breakers.ts';
import { toMicrosText } from '../../src/core/money/money.ts';
import { seedSchedule } from '../support/schedules.ts';
import { nodeNames, type Site, SUBNET_A, startSite } from './support/site.ts';

async function fleetCalls(site: Site): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const calls = await site.fake.callsOf('CreateFleet');
  return calls.map((call) => {
    const params: unknown = call['params'];
    return typeof params === 'object' && params !== null ? { ...params } : {};
  });
}

const MARKET = 'TargetCapacitySpecification.DefaultTargetCapacityType';
const SUBNET = 'LaunchTemplateConfigs.1.Overrides.1.SubnetId';

describe('the ladder (burst.md 5.4)', () => {
  it('F15: no capacity in any zone: aborted, breakers open, the job waits', async () => {
    const site = await startSite();
    await site.fake.capacity({ type: 'c5.xlarge', set: 0 });
    const job = await site.submit();
    const result = await site.start(job, nodeNames('cpu', 1, 4));
    const [gang] = result.gangs;
    expect(gang).toMatchObject({ kind: 'aborted', missing: nodeNames('cpu', 1, 4) });
    expect(gang?.cause).toMatchObject({ code: 'InsufficientInstanceCapacity', as: 'capacity' });
    expect(result.exitCode).toBe(1);
    expect(await fleetCalls(site)).toHaveLength(2);
    expect(await site.fake.launched()).toEqual([]);
    expect(site.slurm.callsOf('setNodeState')).toEqual([
      [
        'aws-cpu-[001-004]',
        'power_down_force',
        expect.stringMatching(/^\(Code:InsufficientInstanceCapacity\)asbb: no capacity for /),
      ],
    ]);
    expect(job).toMatchObject({ state: 'PENDING', startIn: expect.any(Number), isHeld: false });
    expect(job.adminComment).toMatch(
      /^asbb:hold=\S+ asbb:last=InsufficientInstanceCapacity@\d+#1$/,
    );
    expect(job.comment).toMatch(/^asbb: no capacity/);
    const { notes } = await site.books.ledger.read({ notes: [breakersNote('hpc1')] });
    expect(Object.keys(parseBreakers(notes[breakersNote('hpc1')]))).toEqual([
      'c5.xlarge|us-east-1a|on-demand',
      'c5.xlarge|us-east-1b|on-demand',
    ]);
  });

  it('9.6: with every breaker open EC2 is not asked; the job waits for the earliest', async () => {
    const site = await startSite();
    await site.fake.capacity({ type: 'c5.xlarge', set: 0 });
    await site.start(await site.submit(), ['aws-cpu-001']);
    const before = (await fleetCalls(site)).length;
    const job = await site.submit();
    const result = await site.start(job, ['aws-cpu-002']);
    expect(result.gangs[0]?.cause).toMatchObject({ code: 'BreakerOpen' });
    expect(await fleetCalls(site)).toHaveLength(before);
    expect(job.startIn).toBeGreaterThanOrEqual(600);
    expect(job.startIn).toBeLessThanOrEqual(615);
    await site.fake.capacity({ type: 'c5.xlarge', set: 100 });
    await site.forward(700);
    site.slurm.settle();
    const later = await site.start(job, ['aws-cpu-002']);
    expect(later.gangs).toMatchObject([{ kind: 'bound' }]);
    const { notes } = await site.books.ledger.read({ notes: [breakersNote('hpc1')] });
    expect(Object.keys(parseBreakers(notes[breakersNote('hpc1')]))).toEqual([
      'c5.xlarge|us-east-1b|on-demand',
    ]);
  });

  it('goes to the next zone', async () => {
    const site = await startSite();
    await site.fake.capacity({ type: 'c5.xlarge', az: 'us-east-1a', set: 0 });
    const result = await site.start(await site.submit(), nodeNames('cpu', 1, 4));
    expect(result.gangs).toMatchObject([{ kind: 'bound' }]);
    expect(new Set((await site.fake.live()).map(({ az }) => az))).toEqual(new Set(['us-east-1b']));
  });

  it('F16: a partial answer is terminated before the next rung begins', async () => {
    // Two calls of two nodes: the second of them finds one place left in this zone.
    const site = await startSite({ settings: { burst: { batch_size: 2 } } });
    await site.fake.capacity({ type: 'c5.xlarge', az: 'us-east-1a', set: 3 });
    const result = await site.start(await site.submit(), nodeNames('cpu', 1, 4));
    expect(result.gangs).toMatchObject([{ kind: 'bound' }]);
    const order = (await site.fake.journal())
      .filter((entry) => entry.kind === 'request')
      .map((entry) => entry['action'])
      .filter((action) => action === 'CreateFleet' || action === 'TerminateInstances');
    expect(order).toEqual([
      'CreateFleet',
      'CreateFleet',
      'TerminateInstances',
      'CreateFleet',
      'CreateFleet',
    ]);
    expect(await site.fake.live()).toHaveLength(4);
    expect(await site.fake.launched()).toHaveLength(6);
    const { fleet } = await site.books.ledger.read({ fleet: { open: true } });
    expect(fleet.instances.filter(({ state }) => state === 'terminating')).toHaveLength(2);
  });

  it('spot falls back to on-demand when the hold allows', async () => {
    const site = await startSite();
    await site.fake.capacity({ type: 'c5.xlarge', market: 'spot', set: 0 });
    const job = await site.submit();
    const result = await site.start(job, nodeNames('spot', 1, 2));
    expect(result.gangs).toMatchObject([{ kind: 'bound' }]);
    const calls = await fleetCalls(site);
    expect(calls.map((call) => call[MARKET])).toEqual(['spot', 'spot', 'on-demand']);
    expect(calls[0]).toMatchObject({
      'SpotOptions.AllocationStrategy': 'price-capacity-optimized',
      'SpotOptions.InstanceInterruptionBehavior': 'terminate',
      'LaunchTemplateConfigs.1.Overrides.1.MaxPrice': '0.15',
    });
    const { fleet } = await site.books.ledger.read({ fleet: { open: true } });
    expect(fleet.instances.map(({ rate, lifecycle }) => [String(rate), lifecycle])).toEqual([
      ['1700000000', 'on-demand'],
      ['1700000000', 'on-demand'],
    ]);
  });

  it('F43: the hold is raised for the dearer rung, or the rung is skipped', async () => {
    const site = await startSite({ deposit: '1' });
    await site.fake.capacity({ type: 'c5.xlarge', market: 'spot', set: 0 });
    // 0.15 × (3600 + 650) s × 1.2 is 0.2125; on-demand needs 0.240834.
    const job = await site.submit({ amount: '0.2125' });
    const result = await site.start(job, ['aws-spot-001']);
    expect(result.gangs).toMatchObject([{ kind: 'bound' }]);
    const { holds } = await site.books.ledger.read({ holds: { jobIds: [job.jobId] } });
    expect(holds.map(({ amount }) => toMicrosText(amount))).toEqual(['240834']);

    const poor = await startSite({ deposit: '0.22' });
    await poor.fake.capacity({ type: 'c5.xlarge', market: 'spot', set: 0 });
    const other = await poor.submit({ amount: '0.2125' });
    const refused = await poor.start(other, ['aws-spot-001']);
    expect(refused).toMatchObject({ exitCode: 10 });
    expect(refused.gangs[0]?.cause).toMatchObject({ code: 'insufficient_funds' });
    expect(await poor.fake.launched()).toEqual([]);
    expect((await fleetCalls(poor)).map((call) => call[MARKET])).toEqual(['spot', 'spot']);
  });

  it('6.3: what is due by calendar is posted before a raise is refused', async () => {
    const site = await startSite();
    const dates = { frequency: 'monthly', start: '2026-11-22', end: '2027-12-31' } as const;
    const money = { total: '10', amount: '1', budget: '0.22' };
    await seedSchedule(site.books.ledger, { name: 'due', ...dates, ...money });
    await site.forward(86_400);
    await site.fake.capacity({ type: 'c5.xlarge', market: 'spot', set: 0 });
    const job = await site.submit({ account: 'due', amount: '0.2125' });
    expect(await site.start(job, ['aws-spot-001'])).toMatchObject({ gangs: [{ kind: 'bound' }] });
    const { holds } = await site.books.ledger.read({ holds: { jobIds: [job.jobId] } });
    expect(holds.map(({ amount }) => toMicrosText(amount))).toEqual(['240834']);
  });

  it('F29: a spot price above the cap leaves the pool out', async () => {
    const site = await startSite();
    await site.fake.price('c5.xlarge', 'us-east-1a', 1_600_000_000);
    await site.fake.price('c5.xlarge', 'us-east-1b', 1_600_000_000);
    const result = await site.start(await site.submit(), ['aws-spot-001']);
    expect(result.gangs).toMatchObject([{ kind: 'bound' }]);
    expect((await fleetCalls(site)).map((call) => call[MARKET])).toEqual(['on-demand']);
  });

  it('F23: a subnet without addresses: the next one, and a breaker', async () => {
    const site = await startSite({
      faults: [
        {
          id: 'full',
          match: { action: 'CreateFleet', where: { [SUBNET]: SUBNET_A } },
          do: { error: { code: 'InsufficientFreeAddressesInSubnet', status: 400 } },
        },
      ],
    });
    const result = await site.start(await site.submit(), ['aws-cpu-001']);
    expect(result.gangs).toMatchObject([{ kind: 'bound' }]);
    const { notes } = await site.books.ledger.read({ notes: [breakersNote('hpc1')] });
    expect(Object.keys(parseBreakers(notes[breakersNote('hpc1')]))).toEqual([`subnet|${SUBNET_A}`]);
  });

  it('F24: a quota stops at once and keeps the whole market closed for 15 minutes', async () => {
    const site = await startSite({
      faults: [
        {
          id: 'quota',
          match: { action: 'CreateFleet' },
          do: { error: { code: 'VcpuLimitExceeded', status: 400 } },
        },
      ],
    });
    const job = await site.submit();
    const result = await site.start(job, ['aws-cpu-001']);
    expect(result.gangs[0]?.cause).toMatchObject({ code: 'VcpuLimitExceeded', as: 'quota' });
    expect(await fleetCalls(site)).toHaveLength(1);
    site.slurm.settle();
    const again = await site.start(job, ['aws-cpu-001']);
    expect(again.gangs[0]?.cause).toMatchObject({ code: 'BreakerOpen' });
    expect(await fleetCalls(site)).toHaveLength(1);
    expect(site.logged.map(({ event }) => event)).toContain('gang_aborted');
  });

  it('F22: a wrong request marks the group broken and holds the job', async () => {
    const site = await startSite({
      faults: [
        {
          id: 'ami',
          match: { action: 'CreateFleet' },
          do: { error: { code: 'InvalidAMIID.NotFound', status: 400, message: 'ami-1 is gone' } },
        },
      ],
    });
    const job = await site.submit();
    await site.start(job, ['aws-cpu-001']);
    expect(job).toMatchObject({ isHeld: true, comment: expect.stringContaining('ami-1 is gone') });
    site.slurm.settle();
    const next = await site.submit();
    const again = await site.start(next, ['aws-cpu-002']);
    expect(again.gangs[0]?.cause).toMatchObject({ code: 'InvalidAMIID.NotFound', as: 'request' });
    expect(await fleetCalls(site)).toHaveLength(1);
  });

  it('F22: a launch template that is gone is class request too', async () => {
    const site = await startSite({
      faults: [
        {
          id: 'gone',
          match: { action: 'DescribeLaunchTemplateVersions' },
          do: { error: { code: 'InvalidLaunchTemplateId.VersionNotFound', status: 400 } },
        },
      ],
    });
    const job = await site.submit();
    const result = await site.start(job, ['aws-cpu-001']);
    expect(result.gangs[0]?.cause).toMatchObject({ as: 'request' });
    expect(job.isHeld).toBe(true);
    expect(await fleetCalls(site)).toEqual([]);
  });

  it('F21: no permission: no retry storm; held at the second time', async () => {
    const site = await startSite({
      faults: [
        {
          id: 'role',
          match: { action: 'CreateFleet' },
          do: { error: { code: 'UnauthorizedOperation', status: 403 } },
        },
      ],
    });
    const job = await site.submit();
    await site.start(job, ['aws-cpu-001']);
    expect(job.isHeld).toBe(false);
    site.slurm.settle();
    await site.start(job, ['aws-cpu-001']);
    expect(job.isHeld).toBe(true);
    expect(await fleetCalls(site)).toHaveLength(2);
  });

  it('9.5: delays double, and after max_aborts_per_job the job is held', async () => {
    const site = await startSite({
      settings: { burst: { breaker: { window: '600s', threshold: 1000, open_for: '600s' } } },
    });
    await site.fake.capacity({ type: 'c5.xlarge', set: 0 });
    const job = await site.submit();
    const waits: (number | undefined)[] = [];
    for (let attempt = 1; attempt <= 5; attempt += 1) {
      await site.start(job, ['aws-cpu-001']);
      site.slurm.settle();
      waits.push(job.startIn);
    }
    expect(waits.slice(0, 4)).toEqual([30, 60, 120, 240]);
    expect(job.isHeld).toBe(true);
  });

  it('F44: no hold can be placed: nothing is launched, the job is held', async () => {
    const site = await startSite({ deposit: '0.01' });
    const job = await site.submit({ hasHold: false });
    const result = await site.start(job, ['aws-cpu-001']);
    expect(result).toMatchObject({ exitCode: 10 });
    expect(job.isHeld).toBe(true);
    expect(await fleetCalls(site)).toEqual([]);
  });

  it('F44: a job that came in past the hook gets a hold now', async () => {
    const site = await startSite();
    const job = await site.submit({ hasHold: false });
    const result = await site.start(job, ['aws-cpu-001']);
    expect(result.gangs).toMatchObject([{ kind: 'bound' }]);
    const { holds } = await site.books.ledger.read({ holds: { jobIds: [job.jobId] } });
    expect(holds.map(({ state, amount }) => [state, toMicrosText(amount)])).toEqual([
      // Without its --constraint: the dearest type of the partition.
      ['open', '5508000'],
    ]);
  });

  it('7.5: a gang of which only a slice came is given back whole', async () => {
    const site = await startSite();
    const job = await site.submit();
    site.slurm.allocate(job.jobId, ['aws-cpu-001', 'aws-cpu-002']);
    site.slurm.set('aws-cpu-002', 'ALLOCATED', 'POWERED_DOWN');
    const result = await site.resume('aws-cpu-001', [{ ...job, nodes: ['aws-cpu-001'] }]);
    expect(result.gangs[0]?.cause).toMatchObject({ code: 'SplitGang' });
    expect(await fleetCalls(site)).toEqual([]);
  });

  it('T11: ceilings of the cluster stop a launch before EC2 is asked', async () => {
    const site = await startSite({
      settings: {
        burst: { ceiling: { instances: 3, starts_per_hour: 100, cost_per_hour: '100' } },
      },
    });
    await site.start(await site.submit(), nodeNames('cpu', 1, 2));
    const result = await site.start(await site.submit(), nodeNames('cpu', 3, 4));
    expect(result.gangs[0]?.cause).toMatchObject({ code: 'Ceiling' });
    expect(await site.fake.live()).toHaveLength(2);
    const one = await site.start(await site.submit(), ['aws-cpu-005']);
    expect(one.gangs).toMatchObject([{ kind: 'bound' }]);
  });
});
