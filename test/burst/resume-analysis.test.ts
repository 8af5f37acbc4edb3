import { describe, expect, it } from 'vitest';
import { launchStepOf } from '../../src/core/burst/launch.ts';
import { parseRate } from '../../src/core/money/rate.ts';
import type { LogFields } from '../../src/ports/system.ts';
import { callResume, nodeNames, type Site, startSite } from './support/site.ts';
import type { ModelJob } from './support/slurm-model.ts';

const MPI = '#!/bin/bash\nexport OMPI_MCA_btl=self\nmpirun ./a\n';

async function started(
  site: Site,
  script: string | undefined,
  job: Partial<ModelJob>,
  nodes: readonly string[],
) {
  const made = await site.submit(job);
  if (script !== undefined) {
    site.slurm.scripts.set(made.jobId, script);
  }
  return await site.start(made, nodes);
}

async function lastStep(site: Site) {
  const { fleet } = await site.books.ledger.read({ fleet: { open: true } });
  const intent = fleet.intents.at(-1);
  if (intent === undefined) {
    throw new Error('nothing was launched');
  }
  return launchStepOf(intent);
}

function logOf(site: Site, event: string): readonly LogFields[] {
  return site.logged.filter((line) => line.event === event).map(({ fields }) => fields);
}

function twoTypes(more: object = {}) {
  return {
    slurm: {
      partitions: [
        {
          partition_name: 'aws',
          node_groups: [
            {
              node_group_name: 'cpu',
              max_nodes: 100,
              purchasing_option: 'on-demand',
              launch_template_specification: { launch_template_name: 'asbb-node' },
              launch_template_overrides: [
                { instance_type: 'c5.xlarge', on_demand_price: '0.17' },
                { instance_type: 'c6i.xlarge', on_demand_price: '0.18' },
              ],
              subnet_ids: ['subnet-0a11ce00000000001', 'subnet-0a11ce00000000002'],
              slurm_specifications: { CPUs: '4', RealMemory: '7000' },
              ...more,
            },
          ],
        },
      ],
    },
  };
}

describe('4: resume by what kind of job it is', () => {
  it('reads the script: families in order, a cluster group, every rule in the intent', async () => {
    const site = await startSite({ settings: twoTypes() });
    const result = await started(site, MPI, {}, nodeNames('cpu', 1, 4));
    expect(result.gangs.map(({ kind }) => kind)).toEqual(['bound']);
    const step = await lastStep(site);
    expect(step.request.overrides.map(({ instanceType }) => instanceType)).toEqual([
      'c6i.xlarge',
      'c5.xlarge',
    ]);
    expect(step).toMatchObject({ placementStrategy: 'cluster' });
    expect(step.reasons).toEqual([
      'R1 0.9: mpirun starts the job (line 3)',
      'R7 0.6: OMPI_MCA_btl is set for an MPI library (line 2)',
      'MPI: confidence 0.9',
      'EFA preferred: MPI on 4 nodes',
      'families c6in, c6i, c5n: MPI on 4 nodes',
      'c6i.xlarge fits: family 2 of 3',
      'c5.xlarge fits: as listed',
      'cluster placement group: MPI with EFA preferred',
    ]);
    expect(site.slurm.callsOf('batchScript')).toHaveLength(1);
  });

  it('without a script goes on, with a line in the log: tasks and name decide', async () => {
    const site = await startSite({ settings: twoTypes() });
    site.slurm.fail('batchScript');
    const result = await started(site, MPI, { numTasks: 16 }, nodeNames('cpu', 1, 4));
    expect(result.gangs.map(({ kind }) => kind)).toEqual(['bound']);
    expect(logOf(site, 'script_unreadable')).toHaveLength(1);
    const { reasons } = await lastStep(site);
    expect(reasons).toContain('R4 0.9: 16 tasks on 4 nodes');
  });

  it('an interactive job has no script, which is nothing to tell', async () => {
    const site = await startSite({ settings: twoTypes() });
    const result = await started(site, undefined, {}, nodeNames('cpu', 1, 2));
    expect(result.exitCode).toBe(0);
    expect(logOf(site, 'script_unreadable')).toEqual([]);
    const { reasons, placementStrategy } = await lastStep(site);
    expect(reasons).toContain('not MPI: no rule fired');
    expect(placementStrategy).toBeUndefined();
  });

  it('does not ask for the scripts of array tasks', async () => {
    const site = await startSite({ settings: twoTypes() });
    const job = { jobId: 501, arrayJobId: 500, arrayTask: 1 };
    const result = await started(site, MPI, job, ['aws-cpu-001']);
    expect(result.exitCode).toBe(0);
    expect(site.slurm.callsOf('batchScript')).toEqual([]);
  });

  it('4.4: EFA required and a launch template without such an interface: refused, with the reason', async () => {
    const site = await startSite({
      settings: twoTypes({
        launch_template_overrides: [{ instance_type: 'c5n.18xlarge', on_demand_price: '3.888' }],
      }),
    });
    const result = await started(site, MPI, { features: 'efa' }, nodeNames('cpu', 1, 2));
    expect(result.exitCode).toBe(3);
    expect(result.gangs[0]?.cause).toMatchObject({
      code: 'NoEfaInterface',
      sentence:
        'EFA is required (--constraint efa); launch template lt-0a11ce00000000001 version 1 attaches no EFA interface: add one, or ask with --constraint=efa-preferred',
    });
    expect(await site.fake.callsOf('CreateFleet')).toEqual([]);
  });

  it('4.4: EFA required where no type has it: the types are named', async () => {
    const site = await startSite({ settings: twoTypes() });
    const result = await started(site, MPI, { features: 'efa' }, ['aws-cpu-001']);
    expect(result.gangs[0]?.cause).toMatchObject({
      code: 'NoCandidate',
      sentence: 'no instance type fits the nodes: c6i.xlarge: has no EFA; c5.xlarge: has no EFA',
    });
  });

  it('a constraint that asks for two levels, past submit: refused', async () => {
    const site = await startSite({ settings: twoTypes() });
    const job = { features: 'efa-required&no-efa' };
    const result = await started(site, MPI, job, nodeNames('cpu', 1, 2));
    expect(result.gangs[0]?.cause).toMatchObject({
      code: 'Constraint',
      sentence: 'constraint asks for both efa-required and no-efa',
    });
  });

  it('4.6: a group that EFA does not need is left out after the first capacity failure', async () => {
    const site = await startSite({
      settings: twoTypes(),
      world: {
        groups: { spread_per_az: 7, cluster_capacity: { 'c5.xlarge': 1, 'c6i.xlarge': 1 } },
      },
    });
    const result = await started(site, MPI, {}, nodeNames('cpu', 1, 2));
    expect(result.gangs.map(({ kind }) => kind)).toEqual(['bound']);
    const [first, ...others] = await site.fake.callsOf('CreateFleet');
    const name = 'LaunchTemplateConfigs.1.Overrides.1.Placement.GroupName';
    expect(Object.keys(first?.['params'] ?? {})).toContain(name);
    expect(Object.keys(others.at(-1)?.['params'] ?? {})).not.toContain(name);
  });
});

describe('4.7: facts of the types', () => {
  it('are asked once and kept with their date; asked again when they are old', async () => {
    const site = await startSite({ settings: twoTypes() });
    await started(site, MPI, {}, nodeNames('cpu', 1, 2));
    await started(site, MPI, {}, nodeNames('cpu', 3, 4));
    expect(await site.fake.callsOf('DescribeInstanceTypes')).toHaveLength(1);
    expect(await site.fake.callsOf('DescribeInstanceTypeOfferings')).toHaveLength(1);
    await site.forward(8 * 86_400);
    await started(site, MPI, {}, nodeNames('cpu', 5, 6));
    expect(await site.fake.callsOf('DescribeInstanceTypes')).toHaveLength(2);
    expect(site.ports.catalog.read()).toMatchObject({
      region: 'us-east-1',
      names: ['c5.xlarge', 'c6i.xlarge'],
    });
  });

  it('go before the shipped table', async () => {
    const site = await startSite({
      settings: twoTypes(),
      world: {
        types: [
          {
            type: 'c6i.xlarge',
            vcpu: 2,
            cores: 1,
            mib: 8192,
            arch: ['x86_64'],
            efa: false,
            cards: 1,
            od_e10: 1_800_000_000,
            usage: ['on-demand'],
            strategies: ['cluster'],
          },
          {
            type: 'c5.xlarge',
            vcpu: 4,
            cores: 2,
            mib: 8192,
            arch: ['x86_64'],
            efa: false,
            cards: 1,
            od_e10: 1_700_000_000,
            usage: ['on-demand'],
            strategies: ['cluster'],
          },
        ],
        spot_prices: [],
      },
    });
    await started(site, MPI, {}, nodeNames('cpu', 1, 2));
    const { request, reasons } = await lastStep(site);
    expect(request.overrides.map(({ instanceType }) => instanceType)).toEqual(['c5.xlarge']);
    expect(reasons).toContain('c6i.xlarge left out: has 2 CPUs, the nodes declare 4');
  });

  it('without an answer the old ones stand, then the shipped table, with a line in the log', async () => {
    const site = await startSite({ settings: twoTypes() });
    const silent = {
      match: { action: 'DescribeInstanceTypes' },
      do: { error: { code: 'UnauthorizedOperation', status: 403 } },
    };
    await site.fake.addFaults({ id: 'silent', ...silent });
    const first = await started(site, MPI, {}, nodeNames('cpu', 1, 2));
    expect(first.exitCode).toBe(0);
    expect(logOf(site, 'types_unknown')[0]?.['used']).toMatch(/^the shipped table of /u);
    expect(site.ports.catalog.read()).toBeUndefined();
    site.ports.catalog.write({
      askedS: 1,
      region: 'us-east-1',
      names: ['c5.xlarge'],
      types: [],
      offerings: [],
    });
    const second = await started(site, MPI, {}, nodeNames('cpu', 3, 4));
    expect(logOf(site, 'types_not_asked')[0]?.['asked_at']).toBe('1970-01-01T00:00:01Z');
    expect(second.exitCode).toBe(0);
    // By the old answer c5.xlarge was sold nowhere; of c6i.xlarge it said nothing.
    const { request } = await lastStep(site);
    expect(request.overrides.map(({ instanceType }) => instanceType)).toEqual(['c6i.xlarge']);
  });

  it('auto: EC2 is asked for whole families, and the right size of what it has is launched', async () => {
    const site = await startSite({
      settings: {
        ...twoTypes({ launch_template_overrides: [{ instance_type: 'auto' }] }),
      },
    });
    const prices = new Map([
      ['c5.xlarge', '0.17'],
      ['c6i.xlarge', '0.18'],
    ]);
    const ports = site.otherPorts({ rateOf: (_, type) => parseRate(prices.get(type) ?? '') });
    const job = await site.submit();
    const nodes = nodeNames('cpu', 1, 2);
    site.slurm.allocate(job.jobId, nodes);
    const result = await callResume(ports, 'aws-cpu-[001-002]', [job]);
    expect(result.exitCode).toBe(0);
    expect((await site.fake.live()).map(({ type }) => type)).toEqual(['c6i.xlarge', 'c6i.xlarge']);
    const [asked] = await site.fake.callsOf('DescribeInstanceTypes');
    expect(Object.values(asked?.['params'] ?? {})).toContain('hpc7a.*');
  });
});
