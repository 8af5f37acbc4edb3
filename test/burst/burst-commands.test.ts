import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BurstResume } from '../../schema/output/burst-resume.ts';
import { BurstSuspend } from '../../schema/output/burst-suspend.ts';
import { EXECUTABLES } from '../support/executables.ts';
import { type Ended, type ProcessSite, startProcessSite } from './support/process-site.ts';

// `asbb burst resume` and `suspend` as a person types them, and under the original's names.

let site: ProcessSite;
beforeAll(async () => {
  site = await startProcessSite();
});
afterAll(async () => {
  await site.close();
});

/** The executable under another name. */
async function called(name: string, args: readonly string[]): Promise<Ended> {
  const program = join(site.root, name);
  symlinkSync(EXECUTABLES[0] ?? '', program);
  return await site.asbb(args, { program });
}

async function live(): Promise<readonly (string | undefined)[]> {
  return (await site.fake.live()).map(({ tags }) => tags['Name']).toSorted();
}

describe('asbb burst resume', () => {
  it('5.9: launches, binds, and prints the result (exit 0); CMD-6: twice is once', async () => {
    const jobId = await site.job('aws-cpu-[001-002]', 2);
    const words = ['burst', 'resume', 'aws-cpu-[001-002]', '--json'];
    const first = await site.asbb(words);
    expect(first).toMatchObject({ code: 0, stderr: '' });
    const result = BurstResume.parse(JSON.parse(first.stdout));
    expect(result).toMatchObject({
      dry_run: false,
      success: true,
      job_id: `${jobId}`,
      attempt: 1,
      aborted: false,
      failed_instances: [],
      errors: [],
      launched_instances: [
        { node_name: 'aws-cpu-001', instance_type: 'c5.xlarge', lifecycle: 'on-demand' },
        { node_name: 'aws-cpu-002', price_per_hour_micros: '170000' },
      ],
      // Two nodes, an hour's limit.
      total_cost_estimate: 0.34,
      total_cost_estimate_micros: '340000',
      gangs: [{ outcome: 'bound', nodes: ['aws-cpu-001', 'aws-cpu-002'] }],
    });
    const again = BurstResume.parse(JSON.parse((await site.asbb(words)).stdout));
    expect(again).toMatchObject({ success: true, gangs: [{ outcome: 'already' }] });
    expect(await live()).toEqual(['aws-cpu-001', 'aws-cpu-002']);
    expect(await site.broken()).toEqual([]);
  });

  it('--job: only that job; a node that nobody knows: exit 3', async () => {
    const jobId = await site.job('aws-cpu-005', 1);
    const mine = await site.asbb([
      'burst',
      'resume',
      'aws-cpu-005',
      '--job',
      `${jobId}`,
      '--timeout',
      '1m',
    ]);
    expect(mine).toMatchObject({ code: 0 });
    expect(mine.stdout).toMatch(/^job \d+: bound, 1 of 1 nodes launched\n {2}aws-cpu-005 i-/);
    const nowhere = await site.asbb(['burst', 'resume', 'nowhere-1']);
    expect(nowhere).toMatchObject({
      code: 3,
      stdout: 'nowhere-1: no node group of the configuration has this node\n',
    });
  });

  it.each(['resume', 'suspend'])('CMD-5: burst %s with an empty list: exit 2', async (verb) => {
    const empty = await site.asbb(['burst', verb, '']);
    expect(empty).toMatchObject({ code: 2, stdout: '' });
    expect(empty.stderr).toContain('nodelist is empty');
    const hook = await site.asbb(['hook', verb, '']);
    expect(hook).toMatchObject({ code: 2, stdout: '', stderr: '' });
  });

  it('CMD-4: --dry-run prints one document, and launches nothing', async () => {
    await site.job('aws-cpu-007', 1);
    const before = await live();
    const json = await site.asbb([
      'burst',
      'resume',
      'aws-cpu-007',
      '--dry-run',
      '--json',
      '--check-iam',
    ]);
    expect(json).toMatchObject({ code: 0, stderr: '' });
    expect(BurstResume.parse(JSON.parse(json.stdout))).toMatchObject({
      dry_run: true,
      nodes: ['aws-cpu-007'],
      gangs: [
        {
          calls: [{ action: 'CreateFleet', permission: 'allowed', instance_types: ['c5.xlarge'] }],
          cost_per_hour: 0.17,
          cost_per_hour_micros: '170000',
          ledger: [{ account: 'chem', effect: 'none' }],
          error: null,
        },
      ],
    });
    const text = await site.asbb(['burst', 'resume', 'aws-cpu-007', '--dry-run']);
    expect(text.stdout).toMatch(/CreateFleet: 1 × c5\.xlarge, on-demand, us-east-1a/);
    expect(text.stdout).toMatch(/Nothing was done/);
    expect(await live()).toEqual(before);
  });
});

describe('asbb burst suspend', () => {
  it('dry run, then really; a node without instance is no mistake (CMD-6)', async () => {
    site.nodes({ 'aws-cpu-001': 'IDLE+CLOUD+POWERING_DOWN', 'aws-cpu-002': 'ALLOCATED+CLOUD' });
    const words = ['burst', 'suspend', 'aws-cpu-[001-002]', '--json'];
    const dry = await site.asbb([...words, '--dry-run']);
    expect(BurstSuspend.parse(JSON.parse(dry.stdout))).toMatchObject({
      dry_run: true,
      terminated: [{ node: 'aws-cpu-001' }],
      skipped: ['aws-cpu-002'],
    });
    expect(await live()).toContain('aws-cpu-001');
    const done = await site.asbb(words);
    expect(done).toMatchObject({ code: 0, stderr: '' });
    expect(BurstSuspend.parse(JSON.parse(done.stdout))).toMatchObject({
      dry_run: false,
      terminated: [{ node: 'aws-cpu-001' }],
      failed: [],
    });
    expect(await live()).not.toContain('aws-cpu-001');
    const again = await site.asbb(['burst', 'suspend', 'aws-cpu-001']);
    expect(again).toMatchObject({ code: 0, stdout: 'without instance: aws-cpu-001\n' });
  });
});

describe('1.2: the names of the original', () => {
  it('aws-slurm-burst-resume, aws-slurm-burst-suspend', async () => {
    await site.job('aws-cpu-020', 1);
    const up = await called('aws-slurm-burst-resume', ['aws-cpu-020', '--dry-run']);
    expect(up).toMatchObject({ code: 0 });
    expect(up.stdout).toMatch(/CreateFleet: 1 × c5\.xlarge/);
    const one = await called('aws-slurm-burst', ['resume', 'aws-cpu-020']);
    expect(one).toMatchObject({ code: 0 });
    expect(await live()).toContain('aws-cpu-020');
    site.nodes({ 'aws-cpu-020': 'IDLE+CLOUD+POWERING_DOWN' });
    const down = await called('aws-slurm-burst-suspend', ['aws-cpu-020']);
    expect(down).toMatchObject({ code: 0, stdout: 'terminated: aws-cpu-020\n' });
  });

  it('aws-slurm-burst-state-manager', async () => {
    const run = await called('aws-slurm-burst-state-manager', ['--dry-run']);
    expect(run.stdout).toMatch(/nothing was done/);
  });
});
