import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PlanFiles } from '../../../src/adapters/plans/plan-files.ts';
import type { BurstPorts } from '../../../src/flows/steps/burst-ports.ts';
import { callResume, type Site, startSite } from '../support/site.ts';
import type { ModelJob } from '../support/slurm-model.ts';
import { directory, merged, SCRIPT, SCRIPT_HASH } from './support.ts';

interface PlanTest {
  readonly site: Site;
  readonly ports: BurstPorts;
  readonly plans: string;
}

async function planSite(settings: Readonly<Record<string, unknown>> = {}): Promise<PlanTest> {
  const site = await startSite({ settings });
  const plans = directory();
  return {
    site,
    plans,
    ports: { ...site.ports, plans: new PlanFiles([plans], process.getuid?.()) },
  };
}

const PLAN = {
  should_burst: true,
  instance_specification: {
    instance_types: ['c6i.xlarge', 'c5.xlarge'],
    purchasing_option: 'on-demand',
  },
};

function writePlan({ plans }: PlanTest, name: string | number, changes: object = {}): string {
  const path = join(plans, `${name}.json`);
  writeFileSync(path, JSON.stringify(merged(PLAN, changes)), { mode: 0o644 });
  return path;
}

async function started(test: PlanTest, job: ModelJob, nodes: readonly string[]) {
  const { site, ports } = test;
  site.slurm.allocate(job.jobId, nodes);
  return await callResume(ports, nodes.join(','), [job]);
}

async function fleetCall({ site }: PlanTest) {
  const [call] = await site.fake.callsOf('CreateFleet');
  return call?.['params'] ?? {};
}

describe('a plan at resume (burst.md 3.2)', () => {
  it('standalone without a plan, silently', async () => {
    const test = await planSite();
    const job = await test.site.submit();
    const result = await started(test, job, ['aws-two-001']);
    expect(result.exitCode).toBe(0);
    expect(await fleetCall(test)).toMatchObject({
      'LaunchTemplateConfigs.1.Overrides.1.InstanceType': 'c5.xlarge',
    });
    expect(test.site.logged.filter(({ event }) => event.startsWith('plan'))).toEqual([]);
  });

  it('instance_types: the order is the priority, and only they are tried', async () => {
    const test = await planSite();
    const job = await test.site.submit();
    writePlan(test, job.jobId);
    const result = await started(test, job, ['aws-two-001']);
    expect(result.exitCode).toBe(0);
    const call = await fleetCall(test);
    expect(call).toMatchObject({
      'LaunchTemplateConfigs.1.Overrides.1.InstanceType': 'c6i.xlarge',
      'LaunchTemplateConfigs.1.Overrides.2.InstanceType': 'c5.xlarge',
    });
  });

  it('3.4: a bad plan: nothing is launched, the job is held, the comment says why', async () => {
    const test = await planSite();
    const job = await test.site.submit();
    writePlan(test, job.jobId, { execution_metadata: { job_id: '1' } });
    const result = await started(test, job, ['aws-two-001', 'aws-two-002']);
    expect(result).toMatchObject({ exitCode: 3, gangs: [{ kind: 'aborted' }] });
    expect(await test.site.fake.callsOf('CreateFleet')).toEqual([]);
    expect(test.site.slurm.jobsById.get(job.jobId)).toMatchObject({
      isHeld: true,
      comment: 'asbb: plan refused: plan_job_mismatch',
    });
  });

  it('3.4: on_bad_plan standalone: as if there were none, and told', async () => {
    const test = await planSite({ absa: { on_bad_plan: 'standalone' } });
    const job = await test.site.submit();
    writePlan(test, job.jobId, { instance_specification: { instance_types: ['hpc7a.2xlarge'] } });
    const result = await started(test, job, ['aws-two-001']);
    expect(result.exitCode).toBe(0);
    expect(await fleetCall(test)).toMatchObject({
      'LaunchTemplateConfigs.1.Overrides.1.InstanceType': 'c5.xlarge',
    });
    expect(test.site.logged.map(({ fields }) => fields['code'])).toContain('plan_unknown_type');
  });

  it('3.4: should_burst false: held, the advisor says run on premises', async () => {
    const test = await planSite();
    const job = await test.site.submit();
    writePlan(test, job.jobId, { should_burst: false });
    const result = await started(test, job, ['aws-two-001']);
    expect(result.gangs).toMatchObject([{ cause: { code: 'not_recommended' } }]);
    expect(test.site.slurm.jobsById.get(job.jobId)).toMatchObject({
      isHeld: true,
      comment: 'asbb: advisor says run on premises',
    });
  });

  it('F54: a plan that others may write is refused, not ignored', async () => {
    const test = await planSite();
    const job = await test.site.submit();
    chmodSync(writePlan(test, job.jobId), 0o666);
    const result = await started(test, job, ['aws-two-001']);
    expect(result.gangs).toMatchObject([{ cause: { code: 'plan_forbidden_owner' } }]);
    expect(await test.site.fake.live()).toEqual([]);
  });

  it('by the hash of the script, also as scontrol ends it', async () => {
    const test = await planSite();
    const job = await test.site.submit();
    test.site.slurm.scripts.set(job.jobId, `${SCRIPT}\n`);
    writePlan(test, SCRIPT_HASH, { job_hash: SCRIPT_HASH });
    const result = await started(test, job, ['aws-two-001']);
    expect(result.exitCode).toBe(0);
    expect(await fleetCall(test)).toMatchObject({
      'LaunchTemplateConfigs.1.Overrides.1.InstanceType': 'c6i.xlarge',
    });
  });

  it('slurmctld does not say the script: tried again later, not held', async () => {
    const test = await planSite();
    const job = await test.site.submit();
    test.site.slurm.fail('batchScript');
    writePlan(test, SCRIPT_HASH);
    const result = await started(test, job, ['aws-two-001']);
    expect(result).toMatchObject({ exitCode: 75, gangs: [{ cause: { code: 'NoAnswer' } }] });
    expect(test.site.slurm.jobsById.get(job.jobId)?.isHeld).toBe(false);
  });

  it('tasks of an array share the plan of the array', async () => {
    const test = await planSite();
    const { site } = test;
    const first = await site.submit({ jobId: 500, arrayJobId: 500, arrayTask: 1, tasks: 2 });
    const { adminComment } = first;
    const task = { jobId: 501, arrayJobId: 500, arrayTask: 2, hasHold: false, adminComment };
    const second = await site.submit(task);
    writePlan(test, 500, { execution_metadata: { job_id: '500' } });
    site.slurm.allocate(500, ['aws-two-001']);
    site.slurm.allocate(501, ['aws-two-002']);
    await callResume(test.ports, 'aws-two-[001-002]', [first, second]);
    expect(await fleetCall(test)).toMatchObject({
      'TargetCapacitySpecification.TotalTargetCapacity': '2',
      'LaunchTemplateConfigs.1.Overrides.1.InstanceType': 'c6i.xlarge',
    });
  });

  it('F43: a type above the limit is never launched, not on fallback either', async () => {
    const test = await planSite();
    const job = await test.site.submit();
    writePlan(test, job.jobId, {
      instance_specification: { purchasing_option: 'spot', max_spot_price: 0.1 },
      cost_constraints: { max_cost_per_hour: 0.1 },
    });
    for (const type of ['c5.xlarge', 'c6i.xlarge']) {
      await test.site.fake.capacity({ type, market: 'spot', set: 0 });
    }
    const result = await started(test, job, ['aws-two-001']);
    expect(result.gangs).toMatchObject([{ kind: 'aborted' }]);
    const calls = await test.site.fake.callsOf('CreateFleet');
    const kinds = calls.map((call) =>
      Reflect.get(Object(call['params']), 'TargetCapacitySpecification.DefaultTargetCapacityType'),
    );
    expect(new Set(kinds)).toEqual(new Set(['spot']));
  });

  it('user data and tags reach EC2 where the site allows them', async () => {
    const test = await planSite({ burst: { allow_plan_user_data: true } });
    const job = await test.site.submit();
    writePlan(test, job.jobId, {
      instance_specification: { instance_types: ['c5.xlarge'], user_data: '#!/bin/sh' },
      execution_metadata: { tags: { Field: 'oceanography' } },
      mpi_configuration: { mpi_implementation: 'openmpi' },
    });
    const result = await started(test, job, ['aws-run-001']);
    expect(result.exitCode).toBe(0);
    const [call] = await test.site.fake.callsOf('RunInstances');
    expect(call?.['params']).toMatchObject({
      UserData: Buffer.from('#!/bin/sh').toString('base64'),
    });
    const [instance] = await test.site.fake.live();
    expect(instance?.tags).toMatchObject({ Field: 'oceanography', 'asbb:mpi': 'openmpi' });
  });

  it.each([
    [36, 'bound'],
    [37, 'aborted'],
  ])('5.5: %i tags of a plan beside the MPI library: %s', async (count, kind) => {
    const test = await planSite();
    const job = await test.site.submit();
    writePlan(test, job.jobId, {
      execution_metadata: {
        tags: Object.fromEntries(Array.from({ length: count }, (_, n) => [`k${n}`, 'v'])),
      },
      mpi_configuration: { mpi_implementation: 'openmpi' },
    });
    const result = await started(test, job, ['aws-two-001']);
    expect(result.gangs).toMatchObject([{ kind }]);
    const calls = await test.site.fake.callsOf('CreateFleet');
    expect(calls).toHaveLength(kind === 'bound' ? 1 : 0);
  });
});
