import { describe, expect, it } from 'vitest';
import { SqliteLedger } from '../../src/adapters/sqlite/sqlite-ledger.ts';
import { nodesReconcile } from '../../src/flows/nodes-reconcile.ts';
import type { BurstPorts } from '../../src/flows/steps/burst-ports.ts';
import { suspend } from '../../src/flows/suspend.ts';
import { dyingAt } from './support/dying.ts';
import { FREE, firstLive, reconciled, running } from './support/reconciling.ts';
import { callResume, nodeNames, type Site, SUBNET_A, startSite } from './support/site.ts';

const TAKEN = { take: () => undefined };

describe('asbb nodes reconcile (burst.md 9)', () => {
  it('9.1, F45: a second run ends at once', async () => {
    const site = await startSite();
    const result = await nodesReconcile({}, { ...site.ports, locks: TAKEN });
    expect(result).toMatchObject({ state: 'running', exitCode: 0 });
    expect(site.slurm.calls).toEqual([]);
  });

  it('finds nothing to do for nodes that run, and marks them ready', async () => {
    const site = await startSite();
    await running(site, nodeNames('cpu', 1, 3));
    const result = await reconciled(site);
    expect(result).toMatchObject({ state: 'done', exitCode: 0, verdicts: [], foreign: [] });
    const { fleet } = await site.books.ledger.read({ fleet: { open: true } });
    expect(fleet.instances.map(({ state }) => state)).toEqual(['ready', 'ready', 'ready']);
    expect(await site.fake.live()).toHaveLength(3);
  });

  it('keeps an idle node that is first met long after it booted', async () => {
    const site = await startSite();
    const job = await site.submit();
    await site.start(job, ['aws-cpu-001']);
    site.slurm.register(['aws-cpu-001']);
    site.slurm.end(job.jobId);
    await site.forward(3600);
    const result = await reconciled(site);
    expect(result).toMatchObject({ state: 'done', exitCode: 0, verdicts: [] });
    expect(await site.fake.live()).toHaveLength(1);
  });

  it('9.1: leaves nodes alone that SuspendProgram takes between its listings', async () => {
    const site = await startSite();
    const nodes = nodeNames('cpu', 1, 3);
    const job = await running(site, nodes);
    site.slurm.end(job.jobId);
    const clock = {
      nowUs: () => site.ports.clock.nowUs(),
      monotonicMs: () => site.ports.clock.monotonicMs(),
      sleep: async () => {
        for (const node of nodes) {
          site.slurm.set(node, 'IDLE', 'POWERING_DOWN');
        }
        await suspend(nodes.join(','), site.ports);
      },
    };
    const result = await nodesReconcile({}, { ...site.ports, clock, locks: FREE });
    expect(result.verdicts.map(({ kind }) => kind)).toEqual(['up, idle', 'up, idle', 'up, idle']);
    expect(site.slurm.callsOf('setNodeState')).toEqual([]);
    expect(await site.fake.live()).toEqual([]);
  });

  it.each([
    ['SLURM is silent', async (site: Site) => site.slurm.fail('nodes')],
    ['squeue is silent', async (site: Site) => site.slurm.fail('queue')],
    [
      'F30: EC2 gives one page and then fails',
      async (site: Site) => {
        await site.fake.addFaults(
          { id: 'page', match: { action: 'DescribeInstances', nth: 1 }, do: { page_size: 1 } },
          {
            id: 'fail',
            match: { action: 'DescribeInstances' },
            do: { error: { code: 'InternalError', status: 500 } },
          },
        );
      },
    ],
    [
      'F47: the clocks disagree',
      async (site: Site) => {
        await site.fake.advance(400);
      },
    ],
  ] as const)('9.1: %s: nothing destructive, 75', async (_name, breakIt) => {
    const site = await startSite();
    const nodes = nodeNames('cpu', 1, 3);
    const job = await running(site, nodes);
    // Everything here would be terminated by a run that believed what it saw.
    site.slurm.end(job.jobId);
    for (const node of nodes) {
      site.slurm.set(node, 'IDLE', 'POWERED_DOWN');
    }
    await breakIt(site);
    const result = await reconciled(site);
    expect(result).toMatchObject({ state: 'looked', exitCode: 75 });
    expect(result.problems).not.toEqual([]);
    expect(await site.fake.live()).toHaveLength(3);
    expect(site.slurm.callsOf('setNodeState')).toEqual([]);
  });

  it('without cloud in PrivateData powered-down nodes look deleted: nothing destructive', async () => {
    const site = await startSite();
    await running(site, ['aws-cpu-001']);
    site.slurm.remove('aws-cpu-001');
    site.slurm.privateData = 'none';
    const result = await reconciled(site);
    expect(result).toMatchObject({ state: 'looked', exitCode: 75 });
    expect(await site.fake.live()).toHaveLength(1);
  });

  it('suspend that never came: the instance of a powered-down node goes', async () => {
    const site = await startSite();
    const job = await running(site, ['aws-cpu-001']);
    site.slurm.end(job.jobId);
    site.slurm.set('aws-cpu-001', 'IDLE', 'POWERED_DOWN');
    const result = await reconciled(site);
    expect(result.verdicts).toMatchObject([
      { node: 'aws-cpu-001', kind: 'off', instance: 'registered', acts: ['terminate', 'close'] },
    ]);
    expect(await site.fake.live()).toEqual([]);
  });

  it('9.2: R waits for SuspendProgram: before it slurmctld still has something to say to the node', async () => {
    const site = await startSite();
    await running(site, ['aws-cpu-001']);
    const { address } = site.slurm.node('aws-cpu-001');
    await site.fake.external({ terminate: await firstLive(site) });
    site.slurm.set('aws-cpu-001', 'COMPLETING', 'POWER_DOWN');
    await reconciled(site);
    expect(site.slurm.node('aws-cpu-001').address).toBe(address);
    site.slurm.set('aws-cpu-001', 'IDLE', 'POWERING_DOWN');
    await reconciled(site);
    expect(site.slurm.node('aws-cpu-001').address).toBe('aws-cpu-001');
  });

  it('F33: ended by hand while the job runs: the gang is powered down, the end is EC2’s', async () => {
    const site = await startSite();
    const nodes = nodeNames('cpu', 1, 3);
    const job = await running(site, nodes);
    const [, victim] = await site.fake.live();
    await site.forward(100);
    await site.fake.external({ terminate: victim?.id ?? '' });
    const endedS = Math.floor((await site.fake.clock()).now_us / 1_000_000);
    await site.forward(30);
    await reconciled(site);
    expect(site.slurm.suspended).toEqual(['aws-cpu-[001-003]']);
    expect(job.state).toBe('PENDING');
    const { fleet } = await site.books.ledger.read({
      fleet: { instanceIds: [victim?.id ?? ''] },
    });
    expect(fleet.instances).toMatchObject([
      { state: 'terminating', endS: endedS, endCause: 'user' },
    ]);
  });

  it('F34: a stopped instance is terminated and its gang powered down', async () => {
    const site = await startSite();
    await running(site, nodeNames('cpu', 1, 2));
    const [victim] = await site.fake.live();
    await site.fake.external({ stop: victim?.id ?? '' });
    await site.forward(60);
    await reconciled(site);
    expect(site.slurm.suspended).toEqual(['aws-cpu-[001-002]']);
    const { instances } = await site.fake.state();
    expect(instances.find(({ id }) => id === victim?.id)?.state).toMatch(
      /shutting-down|terminated/,
    );
  });

  it('F31: one node never registers: at boot_timeout the whole gang is aborted', async () => {
    const site = await startSite();
    const nodes = nodeNames('efa', 1, 4);
    const job = await site.submit();
    await site.start(job, nodes);
    await site.forward(30);
    site.slurm.register(nodes.slice(0, 3));
    await reconciled(site);
    expect(await site.fake.live()).toHaveLength(4);
    await site.forward(60);
    await reconciled(site);
    expect(await site.fake.live()).toEqual([]);
    expect(site.slurm.suspended).toEqual(['aws-efa-[001-004]']);
    expect(job).toMatchObject({ state: 'PENDING', startIn: 30 });
    expect(site.logged.map(({ event }) => event)).toContain('boot_failed');
  });

  it('spot: taken back by EC2: end and cause come from the spot request', async () => {
    const site = await startSite();
    await running(site, ['aws-spot-001']);
    const [victim] = await site.fake.live();
    await site.forward(500);
    await site.fake.interrupt(victim?.id ?? '', 120);
    await site.forward(121);
    const before = Math.floor((await site.fake.clock()).now_us / 1_000_000);
    await site.forward(30);
    await reconciled(site);
    const { fleet } = await site.books.ledger.read({
      fleet: { instanceIds: [victim?.id ?? ''] },
    });
    expect(fleet.instances).toMatchObject([{ endCause: 'spot' }]);
    expect(fleet.instances[0]?.endS).toBeLessThanOrEqual(before);
  });

  it('9.2: vanished without a record: lost at the second miss', async () => {
    const site = await startSite({ world: { life: { terminated_visible_s: 1 } } });
    await running(site, ['aws-cpu-001']);
    const [victim] = await site.fake.live();
    await site.fake.external({ terminate: victim?.id ?? '' });
    await site.forward(600);
    await reconciled(site);
    const ids = { fleet: { instanceIds: [victim?.id ?? ''] } };
    expect((await site.books.ledger.read(ids)).fleet.instances).toMatchObject([{ endCause: '' }]);
    await site.forward(60);
    await reconciled(site);
    expect((await site.books.ledger.read(ids)).fleet.instances).toMatchObject([
      { state: 'terminating', endCause: 'lost' },
    ]);
  });

  it('F53: instances of another ledger are reported, and go only when told to', async () => {
    const site = await startSite();
    await site.fake.external({
      launch: {
        type: 'c5.xlarge',
        subnet: SUBNET_A,
        tags: { 'asbb:cluster': 'hpc1', 'asbb:intent': '4711', SlurmNode: 'aws-cpu-001' },
      },
    });
    await site.fake.external({
      launch: { type: 'c5.xlarge', subnet: SUBNET_A, tags: { 'asbb:cluster': 'other' } },
    });
    await site.forward(3600);
    const first = await reconciled(site);
    expect(first.foreign).toHaveLength(1);
    expect(await site.fake.live()).toHaveLength(2);
    await reconciled(site, { killsOrphans: true });
    expect((await site.fake.live()).map(({ tags }) => tags['asbb:cluster'])).toEqual(['other']);
  });

  it('9.1: --dry-run does nothing', async () => {
    const site = await startSite();
    const job = await running(site, ['aws-cpu-001']);
    site.slurm.end(job.jobId);
    site.slurm.set('aws-cpu-001', 'IDLE', 'POWERED_DOWN');
    const result = await reconciled(site, { isDryRun: true });
    expect(result.verdicts).toHaveLength(1);
    expect(await site.fake.live()).toHaveLength(1);
  });

  it('F27: sweeps placement groups that nothing uses', async () => {
    const site = await startSite();
    const nodes = nodeNames('efa', 1, 2);
    await running(site, nodes, 'gromacs');
    expect((await site.fake.state()).groups).toHaveLength(1);
    site.slurm.powerDown(nodes);
    await suspend('aws-efa-[001-002]', site.ports);
    site.slurm.settle();
    await site.forward(120);
    await reconciled(site);
    expect((await site.fake.state()).groups).toEqual([]);
  });

  it('9.2: never touches nodes outside the configured groups', async () => {
    const site = await startSite();
    site.slurm.add('static-1', 'DOWN', 'NOT_RESPONDING');
    const result = await reconciled(site);
    expect(result.verdicts).toEqual([]);
    expect(site.slurm.callsOf('setNodeState')).toEqual([]);
  });
});

describe('F39: resume dies at any of its steps, reconcile finishes', () => {
  it.each([
    ['before the launch call', 'launch', 1],
    ['before it asks for addresses', 'instances', 1],
    ['at the first name', 'tag', 1],
    ['at the third name', 'tag', 3],
  ] as const)('%s', async (_name, method, nth) => {
    const site = await startSite();
    const nodes = nodeNames('cpu', 1, 4);
    const job = await site.submit();
    site.slurm.allocate(job.jobId, nodes);
    const ports = dyingAt(site.ports, method, nth);
    await expect(callResume(ports, 'aws-cpu-[001-004]', [job])).rejects.toThrow('killed');
    await reconciled(site);
    expect(job.state).toBe('CONFIGURING');
    await site.forward(130);
    await reconciled(site);
    expect(job.state).toBe('PENDING');
    expect(await site.fake.live()).toEqual([]);
    site.slurm.settle();
    await site.forward(130);
    await reconciled(site);
    const { fleet } = await site.books.ledger.read({ fleet: { open: true } });
    expect(fleet.intents.filter(({ state }) => state !== 'done' && state !== 'failed')).toEqual([]);
    // And the job starts again, as a new attempt.
    const again = await site.start(job, nodes);
    expect(again.gangs).toMatchObject([{ kind: 'bound', attempt: 2 }]);
  });

  it('the launch was made, its answer never written: the rows come from the tags', async () => {
    const site = await startSite();
    const job = await site.submit();
    site.slurm.allocate(job.jobId, nodeNames('cpu', 1, 2));
    const { ledger } = site.ports;
    let isDead = false;
    const ports: BurstPorts = {
      ...site.ports,
      ledger: {
        read: (query) => (isDead ? Promise.reject(new Error('killed')) : ledger.read(query)),
        close: () => undefined,
        decide: (request, query, choose) => {
          isDead ||= request.verb === 'resume launched';
          return isDead
            ? Promise.reject(new Error('killed'))
            : ledger.decide(request, query, choose);
        },
      },
    };
    // The catch of F42 does not run in a killed process: its terminations are cut off too.
    Object.assign(ports, { cloud: dyingAt(ports, 'terminate').cloud });
    await expect(callResume(ports, 'aws-cpu-[001-002]', [job])).rejects.toThrow('killed');
    expect(await site.fake.live()).toHaveLength(2);
    await site.forward(130);
    const result = await reconciled(site);
    expect(result.rowsWritten).toBeGreaterThan(0);
    await site.forward(60);
    await reconciled(site);
    expect(await site.fake.live()).toEqual([]);
    expect(job.state).toBe('PENDING');
    const ids = await site.fake.launched();
    const { fleet } = await site.books.ledger.read({ fleet: { instanceIds: ids } });
    expect(fleet.instances.map(({ state }) => state)).toEqual(['terminating', 'terminating']);
  });

  it('F45: reconcile and resume overlap: nothing is doubled, nothing killed that lives', async () => {
    const site = await startSite();
    const job = await site.submit();
    const nodes = nodeNames('cpu', 1, 4);
    site.slurm.allocate(job.jobId, nodes);
    const other = { ...site.ports, ledger: site.books.open(), locks: FREE };
    expect(other.ledger).toBeInstanceOf(SqliteLedger);
    const [resumed] = await Promise.all([
      site.resume('aws-cpu-[001-004]', [job]),
      nodesReconcile({}, other),
      nodesReconcile({}, other),
    ]);
    expect(resumed.gangs).toMatchObject([{ kind: 'bound' }]);
    expect(await site.fake.live()).toHaveLength(4);
  });
});
