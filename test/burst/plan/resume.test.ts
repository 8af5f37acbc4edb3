import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PlanFiles } from '../../../src/adapters/plans/plan-files.ts';
import type { BurstPorts } from '../../../src/flows/steps/burst-ports.ts';
import { callResume, type Site, startSite } from '../support/site.ts';
import type { ModelJob } from '../support/slurm-model.ts';
import { directory, merged } from './support.ts';

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
});
