import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PlanFiles } from '../../../src/adapters/plans/plan-files.ts';
import { isRefused } from '../../../src/core/errors.ts';
import { rehearseResume } from '../../../src/flows/resume-rehearsal.ts';
import type { BurstPorts } from '../../../src/flows/steps/burst-ports.ts';
import { callResume, nodeNames, type Site, startSite } from '../support/site.ts';
import { directory, merged } from './support.ts';

// A plan that somebody names for nodes that no job waits for (burst.md 1.2, 3.2, SL-3).

const PLAN = {
  should_burst: true,
  instance_specification: { instance_types: ['c6i.xlarge'], purchasing_option: 'on-demand' },
};
const NODES = nodeNames('two', 1, 4);

interface Named {
  readonly site: Site;
  readonly ports: BurstPorts;
}

/** Four nodes named by hand; room for three of them in zone a, for `elsewhere` in zone b. */
async function named(changes: object, elsewhere: number): Promise<Named> {
  const site = await startSite({ settings: { cost: { pool_account: 'chem' } } });
  const planFile = join(directory(), 'plan.json');
  writeFileSync(planFile, JSON.stringify(merged(PLAN, changes)), { mode: 0o644 });
  for (const node of NODES) {
    site.slurm.set(node, 'IDLE', 'POWERING_UP');
  }
  await site.fake.capacity({ type: 'c6i.xlarge', az: 'us-east-1a', set: 3 });
  await site.fake.capacity({ type: 'c6i.xlarge', az: 'us-east-1b', set: elsewhere });
  const plans = new PlanFiles([], process.getuid?.());
  return { site, ports: { ...site.ports, plans, planFile } };
}

async function resumed({ site, ports }: Named) {
  const { gangs, exitCode } = await callResume(ports, 'aws-two-[001-004]', []);
  const { fleet } = await site.books.ledger.read({ fleet: { nodes: NODES } });
  const live = fleet.instances.filter(({ state }) => state === 'bound');
  return { gangs, exitCode, zones: live.map(({ zone }) => zone).toSorted() };
}

describe('3.2: a plan for nodes without a job', () => {
  it('says nothing of gang and zone: what comes is used, from any zone', async () => {
    const { gangs, exitCode, zones } = await resumed(await named({}, 3));
    expect({ exitCode, gangs }).toMatchObject({ exitCode: 0, gangs: [{ kind: 'bound' }] });
    expect(zones).toEqual(['us-east-1a', 'us-east-1a', 'us-east-1a', 'us-east-1b']);
  });

  it('requires_gang_scheduling: all four or none (GANG-2)', async () => {
    const plan = { mpi_configuration: { requires_gang_scheduling: true } };
    const none = await resumed(await named(plan, 3));
    expect(none.gangs).toMatchObject([{ kind: 'aborted', missing: NODES }]);
    expect(none.zones).toEqual([]);
    const all = await resumed(await named(plan, 4));
    expect(all.gangs).toMatchObject([{ kind: 'bound', missing: [] }]);
    expect(all.zones).toEqual(Array.from({ length: 4 }, () => 'us-east-1b'));
  });

  it('single_az_required: the rest is given back before it stands in another zone', async () => {
    const plan = { network_configuration: { single_az_required: true } };
    const { gangs, zones } = await resumed(await named(plan, 3));
    expect(gangs).toMatchObject([{ kind: 'bound', missing: ['aws-two-004'] }]);
    expect(zones).toEqual(Array.from({ length: 3 }, () => 'us-east-1a'));
  });

  it('a dry run shows the gang: MinTargetCapacity, SingleAvailabilityZone', async () => {
    const { ports } = await named(
      {
        mpi_configuration: { requires_gang_scheduling: true },
        network_configuration: { single_az_required: true },
      },
      4,
    );
    const ask = { nodeList: 'aws-two-[001-004]', jobs: [] };
    const told = await rehearseResume(ask, { asksPermission: false }, ports);
    const gangs = isRefused(told) ? [] : told.gangs;
    expect(gangs).toMatchObject([{ rule: 'all', calls: [{ nodes: NODES }] }]);
    expect(gangs[0]?.calls[0]?.request).toMatchObject({
      OnDemandOptions: { MinTargetCapacity: 4, SingleAvailabilityZone: true },
    });
  });

  it.each([
    ['job', { execution_metadata: { job_id: '77' } }, 'plan_job_mismatch'],
    ['account', { execution_metadata: { project_id: 'physics' } }, 'plan_account'],
  ])('of another %s: refused, nothing is launched', async (_, changes, code) => {
    const test = await named(changes, 4);
    const { gangs, exitCode } = await resumed(test);
    expect({ exitCode, code: gangs[0]?.cause?.code }).toEqual({ exitCode: 3, code });
    expect(await test.site.fake.launched()).toEqual([]);
  });
});
