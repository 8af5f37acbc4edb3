import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PlanFiles } from '../../../src/adapters/plans/plan-files.ts';
import {
  PLAN_ALERTS,
  type PlanAlert,
  parsePlanAlerts,
  planAlertsText,
} from '../../../src/core/burst/plan/limits.ts';
import { reconciled } from '../support/reconciling.ts';
import { callResume, type Site, startSite } from '../support/site.ts';
import type { ModelJob } from '../support/slurm-model.ts';
import { ASBX, directory, merged } from './support.ts';

interface Running {
  readonly site: Site;
  readonly job: ModelJob;
}

/** Two nodes of 0.18 dollars an hour each, up and running since a moment ago. */
async function runningBy(cost: object): Promise<Running> {
  const site = await startSite();
  const plans = directory();
  const job = await site.submit();
  const plan = merged(ASBX, {
    instance_specification: { instance_types: ['c6i.xlarge'] },
    execution_metadata: { job_id: `${job.jobId}` },
    cost_constraints: cost,
  });
  writeFileSync(join(plans, `${job.jobId}.json`), JSON.stringify(plan), { mode: 0o644 });
  const nodes = ['aws-two-001', 'aws-two-002'];
  site.slurm.allocate(job.jobId, nodes);
  const ports = { ...site.ports, plans: new PlanFiles([plans], process.getuid?.()) };
  await callResume(ports, nodes.join(','), [job]);
  site.slurm.register(nodes);
  return { site, job };
}

function told({ site }: Running, event: string): readonly object[] {
  return site.logged.filter((each) => each.event === event).map(({ fields }) => fields);
}

describe('3.2 cost_alert_threshold', () => {
  it('one alert when the run has cost more, not before and not again', async () => {
    const test = await runningBy({ cost_alert_threshold: 0.36 });
    await test.site.forward(3590);
    await reconciled(test.site);
    expect(told(test, 'plan_cost_alert')).toEqual([]);
    await test.site.forward(60);
    await reconciled(test.site);
    expect(told(test, 'plan_cost_alert')).toMatchObject([
      { job_id: test.job.jobId, limit: '360000' },
    ]);
    await test.site.forward(60);
    await reconciled(test.site);
    expect(told(test, 'plan_cost_alert')).toHaveLength(1);
    expect(test.site.slurm.jobsById.get(test.job.jobId)?.state).toBe('RUNNING');
  });
});

/** What the ledger keeps of it for `asbb alerts`. */
async function alertNote({ site }: Running): Promise<readonly PlanAlert[]> {
  const { notes } = await site.books.ledger.read({ notes: [PLAN_ALERTS] });
  return parsePlanAlerts(notes[PLAN_ALERTS]);
}

it('3.2 cost_alert_threshold: noted once for the alerts, under the account that pays', async () => {
  const test = await runningBy({ cost_alert_threshold: 0.36 });
  await test.site.forward(3000);
  await reconciled(test.site);
  expect(await alertNote(test)).toEqual([]);
  await test.site.forward(650);
  await reconciled(test.site);
  const [noted, ...others] = await alertNote(test);
  expect(others).toEqual([]);
  expect(noted).toMatchObject({
    cluster: 'hpc1',
    jobId: test.job.jobId,
    account: 'chem',
    limit: '360000',
  });
  await test.site.forward(600);
  await reconciled(test.site);
  expect(await alertNote(test)).toEqual([noted]);
});

describe('what is told once for a job and a threshold', () => {
  const alert = {
    cluster: 'hpc1',
    jobId: 7,
    account: 'chem',
    cost: '370000',
    limit: '360000',
    atS: 0,
  };
  const Week = 7 * 86_400;

  it('is kept for a week, and while its job has open launches', async () => {
    const { site } = await runningBy({});
    const { fleet } = await site.books.ledger.read({ fleet: { open: true } });
    const at = { cluster: 'hpc1', intents: fleet.intents };
    const own = { ...alert, jobId: fleet.intents[0]?.jobId ?? 0 };
    const young = planAlertsText([alert], [own], { ...at, nowS: Week - 1 });
    expect(parsePlanAlerts(young)).toEqual([alert, own]);
    const old = planAlertsText([alert, own], [], { ...at, nowS: Week });
    expect(parsePlanAlerts(old)).toEqual([own]);
    expect(planAlertsText([alert], [], { ...at, nowS: Week })).toBe('');
  });
});

describe('3.2 auto_terminate_hours', () => {
  it('the job is cancelled with the reason, then its nodes are powered down', async () => {
    const test = await runningBy({ auto_terminate_hours: 1 });
    const { site, job } = test;
    await site.forward(3500);
    await reconciled(site);
    expect(site.slurm.calls.map(({ method }) => method)).not.toContain('cancelJob');
    await site.forward(200);
    await reconciled(site);
    const acts = site.slurm.calls
      .filter(({ method }) => method === 'cancelJob' || method === 'setNodeState')
      .map(({ method, args }) => [method, args[0], args[1]]);
    expect(acts).toEqual([
      ['cancelJob', job.jobId, undefined],
      ['setNodeState', 'aws-two-[001-002]', 'power_down_force'],
    ]);
    const [power] = site.slurm.callsOf('setNodeState');
    expect(power?.[2]).toMatch(
      /^\(Code:AutoTerminate\)asbb: auto_terminate_hours of the plan: 3600 s/u,
    );
    expect(site.slurm.jobsById.get(job.jobId)?.comment).toContain('auto_terminate_hours');
  });

  it('another job that has the nodes by now is left alone', async () => {
    const { site, job } = await runningBy({ auto_terminate_hours: 1 });
    site.slurm.end(job.jobId);
    const next = await site.submit();
    site.slurm.allocate(next.jobId, ['aws-two-001', 'aws-two-002']);
    site.slurm.register(['aws-two-001', 'aws-two-002']);
    await site.forward(4000);
    await reconciled(site);
    expect(site.slurm.calls.map(({ method }) => method)).not.toContain('cancelJob');
  });

  it('nothing is ended by a listing that is not complete', async () => {
    const { site } = await runningBy({ auto_terminate_hours: 1 });
    await site.forward(4000);
    site.slurm.fail('queue');
    await reconciled(site);
    expect(site.slurm.calls.map(({ method }) => method)).not.toContain('cancelJob');
  });
});
