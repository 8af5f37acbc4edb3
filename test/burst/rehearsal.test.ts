import { describe, expect, it } from 'vitest';
import { isRefused } from '../../src/core/errors.ts';
import { toDollars } from '../../src/core/money/money.ts';
import { type Rehearsal, rehearseResume } from '../../src/flows/resume-rehearsal.ts';
import { callsOf, siteWith, TYPES } from './support/one-group.ts';
import { nodeNames, type Site, startSite } from './support/site.ts';

// `asbb burst resume --dry-run` (burst.md CMD-4): what would be asked of EC2, and nothing done.

async function rehearsed(
  site: Site,
  nodeList: string,
  { asksPermission = false, ports = site.ports } = {},
): Promise<Rehearsal> {
  const ask = { nodeList, jobs: undefined, entryOf: () => '' };
  const result = await rehearseResume(ask, { asksPermission }, ports);
  if (isRefused(result)) {
    throw new Error(result.text);
  }
  return result;
}

/** Everything in the ledger that a launch could touch. */
async function rows(site: Site): Promise<unknown> {
  const view = await site.books.ledger.read({
    fleet: { open: true },
    holds: { open: {} },
    notes: ['breakers:hpc1', 'starts:hpc1'],
  });
  return [view.fleet, view.holds, view.notes, view.next];
}

async function actionsOf(site: Site): Promise<readonly unknown[]> {
  const entries = await site.fake.journal();
  return entries.filter(({ kind }) => kind === 'request').map((entry) => entry['action']);
}

const CHANGES = /^(?:Create|Run|Terminate|Delete)/;

describe('CMD-4: burst resume --dry-run', () => {
  it('shows the very request that the launch sends, and does nothing', async () => {
    const site = await siteWith({
      launch_template_overrides: TYPES,
      placement_group: 'cluster',
      tags: [{ key: 'project', value: 'p' }],
    });
    const job = await site.submit();
    const names = nodeNames('cpu', 1, 3);
    site.slurm.allocate(job.jobId, names);
    const before = await rows(site);
    const logged = site.logged.length;
    const { gangs, exitCode, notes } = await rehearsed(site, 'aws-cpu-[001-003]');
    expect({ exitCode, notes }).toEqual({ exitCode: 0, notes: [] });
    expect(await rows(site)).toEqual(before);
    expect(site.logged.length).toBe(logged);
    expect((await actionsOf(site)).filter((action) => CHANGES.test(String(action)))).toEqual([]);
    expect(site.slurm.callsOf('setNodeState')).toEqual([]);
    const [gang] = gangs;
    expect(gang).toMatchObject({
      jobIds: [job.jobId],
      rule: 'all',
      nodes: names,
      already: [],
      laterRungs: ['on-demand us-east-1b c5.xlarge, c6i.xlarge'],
      calls: [{ action: 'CreateFleet', nodes: names, permission: undefined }],
    });
    // 3 nodes of the dearest type at 0.18; one hour is the job's limit.
    expect(toDollars(gang?.perHour ?? fail())).toBe('$0.54');
    const input = gang?.calls[0]?.request;
    const result = await site.resume('aws-cpu-[001-003]', [job]);
    expect(result.gangs).toMatchObject([{ kind: 'bound' }]);
    const [sent] = await callsOf(site, 'CreateFleet');
    expect(flat(input)).toEqual(wire(sent ?? {}));
  });

  it('tells what the hold is and would be, and refuses what it cannot pay (exit 10)', async () => {
    const site = await startSite({ deposit: '0.80' });
    const job = await site.submit({ amount: '0.01' });
    site.slurm.allocate(job.jobId, ['aws-cpu-001']);
    const before = await rows(site);
    const { gangs } = await rehearsed(site, 'aws-cpu-001');
    const [hold] = gangs[0]?.holds ?? [];
    expect(hold?.now).not.toBe(hold?.needed);
    expect(hold).toMatchObject({ account: 'chem', jobId: job.jobId });
    expect(await rows(site)).toEqual(before);
    const large = await site.submit({ amount: '0.01' });
    site.slurm.allocate(large.jobId, nodeNames('cpu', 2, 201));
    const dear = await rehearsed(site, 'aws-cpu-[002-201]');
    expect(dear.exitCode).toBe(10);
    expect(dear.gangs[0]).toMatchObject({ calls: [], cause: { code: 'insufficient_funds' } });
  });

  it('--check-iam: EC2 is asked with DryRun whether it would be allowed', async () => {
    const denied = await siteWith(
      { api: 'run-instances' },
      { ...{}, deny: [{ action: 'RunInstances' }] },
    );
    const site = await siteWith({});
    for (const [each, permission] of [
      [site, ''],
      [denied, 'UnauthorizedOperation'],
    ] as const) {
      const job = await each.submit();
      each.slurm.allocate(job.jobId, ['aws-cpu-001']);
      const { gangs } = await rehearsed(each, 'aws-cpu-001', { asksPermission: true });
      expect(gangs[0]?.calls[0]?.permission).toBe(permission);
      expect(await each.fake.launched()).toEqual([]);
    }
    const [asked] = await callsOf(site, 'CreateFleet');
    expect(asked).toMatchObject({ DryRun: 'true' });
  });

  it('1.4: without EC2 the configuration decides, and says so', async () => {
    const site = await siteWith({ launch_template_overrides: TYPES });
    const job = await site.submit();
    site.slurm.allocate(job.jobId, ['aws-cpu-001']);
    await site.fake.addFaults({
      id: 'away',
      match: { action: 'Describe*' },
      do: { drop: 'before' },
    });
    const { gangs, notes, exitCode } = await rehearsed(site, 'aws-cpu-001');
    expect(exitCode).toBe(0);
    expect(notes).toEqual([
      expect.stringMatching(/^EC2 could not be asked \(.+\): see asbb burst validate/u),
    ]);
    expect(gangs[0]?.calls[0]).toMatchObject({
      request: {
        LaunchTemplateConfigs: [
          { LaunchTemplateSpecification: { LaunchTemplateId: 'asbb-node', Version: '$Latest' } },
        ],
      },
    });
  });

  it('CMD-6: nodes that are up are named, and nothing would be launched for them', async () => {
    const site = await startSite();
    const job = await site.submit();
    await site.start(job, nodeNames('cpu', 1, 2));
    const { gangs, exitCode } = await rehearsed(site, 'aws-cpu-[001-002]');
    expect(exitCode).toBe(0);
    expect(gangs).toMatchObject([{ already: nodeNames('cpu', 1, 2), calls: [] }]);
  });

  it('SL-3: nodes without a job: under cost.pool_account, or refused (exit 3)', async () => {
    const site = await startSite();
    const refusedOnes = await rehearsed(site, 'aws-cpu-001,nowhere-9');
    expect(refusedOnes).toMatchObject({
      exitCode: 3,
      unknown: ['nowhere-9'],
      gangs: [{ jobIds: [], calls: [], cause: { code: 'NoJob' } }],
    });
    const pool = await startSite({ settings: { cost: { pool_account: 'chem' } } });
    const { gangs } = await rehearsed(pool, 'aws-cpu-001');
    expect(gangs[0]?.calls[0]?.step.request.tags).toMatchObject({ 'asbb:account': 'chem' });
  });

  it('CMD-5: a bad or empty list', async () => {
    const site = await startSite();
    const ask = { jobs: undefined, entryOf: () => '' };
    for (const [nodeList, text] of [
      ['', 'nodelist is empty'],
      ['aws-cpu-[1-', /./],
    ] as const) {
      const result = await rehearseResume(
        { ...ask, nodeList },
        { asksPermission: false },
        site.ports,
      );
      expect(result).toMatchObject({
        kind: 'refused',
        code: 'VALIDATION_ERROR',
        text: typeof text === 'string' ? text : expect.stringMatching(text),
      });
    }
  });
});

function fail(): never {
  throw new Error('no gang');
}

/** The wire names of a JSON input: `TagSpecifications` is `TagSpecification` there. */
function flat(value: unknown, name = ''): Readonly<Record<string, string>> {
  if (typeof value !== 'object' || value === null) {
    return {
      [name.replace('TagSpecifications', 'TagSpecification').replaceAll('.Tags.', '.Tag.')]:
        String(value),
    };
  }
  const members = Array.isArray(value)
    ? value.map((each, at) => [`${at + 1}`, each] as const)
    : Object.entries(value);
  return Object.assign(
    {},
    ...members.map(([key, each]) => flat(each, name === '' ? key : `${name}.${key}`)),
  );
}

function wire(params: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(params).filter(([name]) => name !== 'Version'));
}
