import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readDay } from '../demo/day.ts';
import { type Emulated, emulatedStage } from '../demo/emulated.ts';
import { program } from '../support/programs.ts';

// Every command line of asbx-readme.md and asbx-architecture.md that is ours, as typed there and under the
// names used there: links to the built executable, on an emulated cluster and a fake cloud.

const EXECUTABLE = resolve(process.env['ASBB_DIST'] ?? 'dist', 'asbb');
const NAMES = ['resume', 'suspend', 'state-manager', 'validate', 'export-performance'];
const SEED_NODES = 16;
const root = mkdtempSync(join(tmpdir(), 'asbb-asbx-'));
const here = join(root, 'here');
let stage: Emulated;

/** ASBA's answer, as its dialect has it (burst.md 3.3), for 16 nodes. */
const PLAN = {
  should_burst: true,
  instance_specification: {
    instance_types: ['c5.xlarge'],
    instance_count: SEED_NODES,
    purchasing_option: 'on-demand',
  },
};

beforeAll(async () => {
  chmodSync(root, 0o755);
  mkdirSync(join(here, 'examples'), { recursive: true });
  const day = readDay(resolve('test/demo/day.yaml'));
  stage = await emulatedStage(EXECUTABLE, root, day, {
    seedNodes: SEED_NODES,
    poolAccount: 'burst-pool',
  });
  for (const name of ['aws-slurm-burst', ...NAMES.map((each) => `aws-slurm-burst-${each}`)]) {
    symlinkSync(EXECUTABLE, join(root, 'bin', name));
  }
  for (const copy of ['config.yaml', 'examples/config.yaml']) {
    copyFileSync(join(root, 'config.yaml'), join(here, copy));
    chmodSync(join(here, copy), 0o640);
  }
  const dates = ['--start=2026-01-01', '--end=2026-12-31'];
  const pool = ['--account=burst-pool', '--name=Pool', '--budget=1000', ...dates];
  await stage.run('operator', ['asbb', 'account', 'create', ...pool]);
  for (const name of ['plan.json', 'asba-plan.json']) {
    writeFileSync(join(here, name), JSON.stringify(PLAN), { mode: 0o640 });
  }
}, 120_000);
afterAll(async () => {
  await stage?.stop();
  rmSync(root, { recursive: true, force: true });
});

async function typed(line: string): Promise<{ readonly code: number; readonly text: string }> {
  const env = {
    PATH: `${join(root, 'bin')}:/usr/bin:/bin`,
    ASBB_CONFIG: join(root, 'config.yaml'),
    SLURM_CONF: join(root, 'cluster/etc/slurm.conf'),
    NO_COLOR: '1',
  };
  const { code, stdout, stderr } = await program('sh', ['-c', line], { env, cwd: here });
  return { code, text: `${stdout}${stderr}` };
}

async function live(): Promise<number> {
  const { counts } = (await stage.fake.get('/state')) as { counts: { live: number } };
  return counts.live;
}

/** What is typed, in the order of the seeds, with what has to be undone in between; instances after it. */
it.each<[line: string, says: RegExp, live: number]>([
  ['aws-slurm-burst-validate config examples/config.yaml', /no findings/u, 0],
  [
    'aws-slurm-burst-resume aws-cpu-[001-004] --config=config.yaml --dry-run',
    /aws-cpu-\[001-004\].*Nothing was done/su,
    0,
  ],
  [
    'aws-slurm-burst-resume aws-hpc-[001-016] --execution-plan=plan.json',
    /16 of 16 nodes launched/u,
    16,
  ],
  ['aws-slurm-burst-suspend aws-hpc-[001-016]', /terminated: aws-hpc-\[001-016\]/u, 0],
  ['aws-slurm-burst-resume aws-cpu-[001-004] --config=config.yaml', /4 of 4 nodes launched/u, 4],
  ['aws-slurm-burst-state-manager --config=config.yaml', /./u, 4],
  ['aws-slurm-burst suspend aws-cpu-[001-004]', /terminated: aws-cpu-\[001-004\]/u, 0],
  [
    'aws-slurm-burst-resume aws-hpc-[001-016] --execution-plan=asba-plan.json',
    /16 of 16 nodes launched/u,
    16,
  ],
  ['aws-slurm-burst-validate integration', /ok +aws-hpc prices/u, 16],
  ['aws-slurm-burst-validate execution-plan plan.json', /good|warning/u, 16],
])('$ %s', async (line, says, instances) => {
  const { code, text } = await typed(line);
  expect(`${code}: ${text}`).toMatch(/^0: /u);
  expect(text).toMatch(says);
  expect(await live()).toBe(instances);
});

it('$ aws-slurm-burst-export-performance --job-id=12345: an unknown job is no invented one', async () => {
  const { code, text } = await typed('aws-slurm-burst-export-performance --job-id=12345');
  expect([code, text]).toEqual([3, expect.stringContaining('NOT_FOUND')]);
});
