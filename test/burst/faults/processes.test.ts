import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BurstResume } from '../../../schema/output/burst-resume.ts';
import { BurstSuspend } from '../../../schema/output/burst-suspend.ts';
import { type ProcessSite, startProcessSite } from '../support/process-site.ts';

// burst.md 11, as slurmctld and cron start them: long arguments, no log, a broken configuration.

let site: ProcessSite;
beforeAll(async () => {
  site = await startProcessSite();
});
afterAll(async () => {
  await site.close();
});

const SILENT = { stdout: '', stderr: '' };

it('F12: an argument of 5,000 names, 100 KB: 100 of them in a call of scontrol', async () => {
  const groups = ['cpu', 'spot', 'two', 'run', 'slow'];
  const names = groups.flatMap((group) =>
    Array.from({ length: 1000 }, (_, at) => `aws-${group}-${String(at + 1).padStart(12, '0')}`),
  );
  const list = names.join(',');
  expect(list.length).toBeGreaterThan(100_000);
  site.nodes(Object.fromEntries(names.map((name) => [name, 'IDLE+CLOUD+POWERED_DOWN'])));
  const before = site.calls().length;
  const ended = await site.asbb(['hook', 'suspend', list]);
  expect(ended).toMatchObject({ ...SILENT, code: 0 });
  const calls = site.calls().slice(before);
  const updates = calls.flatMap((call) => /\[nodename=([^\]]+)\]/u.exec(call)?.[1] ?? []);
  expect(updates.map((update) => update.split(',').length)).toEqual(Array(50).fill(100));
  expect(updates.join(',')).toBe(list);
  // The question is asked in few words: SLURM's own form of the list.
  const asked = calls.filter((call) => call.startsWith('scontrol [show] [node]'));
  expect(asked).toHaveLength(1);
  expect(asked[0]?.length).toBeLessThan(1000);
  site.nodes({});
});

it('F49: no log can be written: the hook does its work, quietly', async () => {
  await site.job('aws-cpu-001', 1);
  const wall = site.write('wall', '');
  const state = join(site.root, 'state');
  mkdirSync(join(state, 'asbb.log'), { recursive: true }); // the second choice is no file
  const config = site
    .read('config.yaml')
    .replace(/file: \S+asbb\.log/u, `file: ${join(wall, 'asbb.log')}`)
    .replace(/state_dir: \S+/u, `state_dir: ${state}`);
  const ended = await site.asbb(['hook', 'resume', 'aws-cpu-001'], {
    env: { ASBB_CONFIG: site.write('nolog.yaml', config) },
  });
  expect(ended).toMatchObject({ ...SILENT, code: 0 });
  expect((await site.fake.live()).map(({ tags }) => tags['Name'])).toEqual(['aws-cpu-001']);
});

it('F51: the configuration broke while jobs run: reconcile says 2 and does nothing', async () => {
  await site.fake.advance(7200);
  const before = site.calls().length;
  const bad = site.write('bad.yaml', 'slurm: [');
  const ended = await site.asbb(['nodes', 'reconcile'], { env: { ASBB_CONFIG: bad } });
  expect(ended.code).toBe(2);
  expect(site.calls()).toHaveLength(before);
  expect(await site.fake.live()).toHaveLength(1);
});

describe('state_dir lies below a regular file', () => {
  let config: string;
  beforeAll(() => {
    const text = site
      .read('config.yaml')
      .replace(/state_dir: \S+/u, `state_dir: ${join(site.write('wall', ''), 'state')}`);
    config = site.write('wall.yaml', text);
  });

  it('CMD-3, F40: resume tells the log and gives the nodes back', async () => {
    await site.job('aws-cpu-041', 1);
    const before = site.calls().length;
    const launched = (await site.fake.launched()).length;
    const told = site.logged().length;
    const ended = await site.asbb(['hook', 'resume', 'aws-cpu-041'], {
      env: { ASBB_CONFIG: config },
    });
    expect(ended).toMatchObject(SILENT);
    expect(ended.code).not.toBe(0);
    const calls = site.calls().slice(before);
    expect(calls.filter((call) => call.includes('[state=power_down_force]'))).toEqual([
      expect.stringContaining('[nodename=aws-cpu-041]'),
    ]);
    expect(
      site
        .logged()
        .slice(told)
        .map(({ event }) => event),
    ).toContain('resume_failed');
    expect(await site.fake.launched()).toHaveLength(launched);
  });

  it('suspend terminates by tags, and tells the log', async () => {
    await site.job('aws-cpu-042', 1);
    expect((await site.asbb(['hook', 'resume', 'aws-cpu-042'])).code).toBe(0);
    site.nodes({ 'aws-cpu-042': 'IDLE+CLOUD+POWERING_DOWN' });
    await site.fake.advance(60);
    const told = site.logged().length;
    const ended = await site.asbb(['hook', 'suspend', 'aws-cpu-042'], {
      env: { ASBB_CONFIG: config },
    });
    expect(ended).toMatchObject({ ...SILENT, code: 75 });
    const live = (await site.fake.live()).filter(({ state }) => state !== 'shutting-down');
    expect(live.map(({ tags }) => tags['Name'])).not.toContain('aws-cpu-042');
    expect(
      site
        .logged()
        .slice(told)
        .map(({ event }) => event),
    ).toContain('suspend_result');
  });
});

describe('EC2 cannot be asked: a dry run says so in one sentence, and what the ledger knows', () => {
  const Sentence = /^EC2 could not be asked \(.+\): see asbb burst validate integration; /u;
  let env: Readonly<Record<string, string>>;
  beforeAll(async () => {
    await site.job('aws-cpu-051', 1);
    await site.asbb(['hook', 'resume', 'aws-cpu-051']);
    site.nodes({ 'aws-cpu-051': 'IDLE+CLOUD+POWERING_DOWN' });
    const text = site
      .read('config.yaml')
      .replace(/endpoint_url: \S+/u, 'endpoint_url: http://127.0.0.1:9');
    env = { ASBB_CONFIG: site.write('away.yaml', text) };
  });

  it('burst suspend --dry-run: 75', async () => {
    const words = ['burst', 'suspend', 'aws-cpu-051', '--dry-run'];
    const json = await site.asbb([...words, '--json'], { env });
    expect(json.code).toBe(75);
    expect(BurstSuspend.parse(JSON.parse(json.stdout))).toMatchObject({
      terminated: [{ node: 'aws-cpu-051' }],
      notes: [expect.stringMatching(Sentence)],
    });
    const text = await site.asbb(words, { env });
    expect(text).toMatchObject({ code: 75, stdout: 'would terminate: aws-cpu-051\n' });
    expect(text.stderr).toMatch(/^Note: EC2 could not be asked \(/u);
  });

  it('burst resume --dry-run', async () => {
    await site.job('aws-cpu-052', 1);
    const words = ['burst', 'resume', 'aws-cpu-052', '--dry-run'];
    const json = await site.asbb([...words, '--json'], { env });
    expect(json.code).toBe(0);
    expect(BurstResume.parse(JSON.parse(json.stdout))).toMatchObject({
      gangs: [{ calls: [{ action: 'CreateFleet' }] }],
      notes: [expect.stringMatching(Sentence)],
    });
  });
});
