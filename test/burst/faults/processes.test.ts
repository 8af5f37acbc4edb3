import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
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
