import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { assert } from '../../src/core/errors.ts';
import { readDay } from '../demo/day.ts';
import { type Emulated, emulatedStage } from '../demo/emulated.ts';
import { program } from '../support/programs.ts';

// Every command of README.md's chapters on budgets and bursting, typed in their order into one fresh site:
// the built binary, the emulator, the fake cloud. Only what a job's number is depends on the site.

const EXECUTABLE = resolve(process.env['ASBB_DIST'] ?? 'dist', 'asbb');

/** The chapters, with lines that go on joined. */
const [, chapter = ''] =
  /\n## Budgets, day by day\n(.*?)\n## The life of a job/su.exec(
    readFileSync('README.md', 'utf8').replaceAll(/ \\\n +/gu, ' '),
  ) ?? [];
const [, keys = ''] = /```yaml\n(.*?)```/su.exec(chapter) ?? [];
const EXAMPLE = /^ {4}(?:[\d*]+ [\d*]+ \* \* [\d*]+ +slurm \/usr\/bin\/)?(asbb .*?)(?: +#.*)?$/u;
const IN_TABLE = /`(asbb [^`]+)`/u;
const lines = chapter.split('\n').flatMap((line) => {
  const [, words] = EXAMPLE.exec(line) ?? (line.startsWith('|') ? IN_TABLE.exec(line) : null) ?? [];
  return words === undefined ? [] : [words];
});
/** A grant that is closed has no further story. */
function isEnd(line: string): boolean {
  return line.startsWith('asbb grant close');
}

const inOrder = [...lines.filter((line) => !isEnd(line)), ...lines.filter(isEnd)];

const root = mkdtempSync(join(tmpdir(), 'asbb-readme-'));
const config = join(root, 'config.yaml');
const path = [join(root, 'bin'), join(root, 'cluster/bin'), '/usr/bin', '/bin'].join(':');
const env = {
  PATH: path,
  ASBB_CONFIG: config,
  SLURM_CONF: join(root, 'cluster/etc/slurm.conf'),
};
/** What the page calls these, and what the site does. */
const names = new Map([
  ['/tmp/', `${root}/out/`],
  ['/backup/', `${root}/out/`],
]);
let stage: Emulated;

async function shell(line: string): Promise<string> {
  const { code, stdout, stderr } = await program('sh', ['-c', line], { env });
  assert(code === 0, `${code}: ${line}\n${stdout}${stderr}`);
  return stdout;
}

/** A job of a user: its number and its charge are the page's 4711 and txn_16. */
async function aJob(): Promise<void> {
  const words = ['sbatch', '-p', 'aws', '-C', 'od', '-t', '30', '-A', 'physics', 'analyse.sh'];
  const { stdout } = await stage.run('alice', words);
  await stage.settle();
  const [, job = ''] = /Submitted batch job (\d+)/u.exec(stdout) ?? [];
  const charges = JSON.parse(
    await shell(`asbb transactions list --job ${job} --type charge --json`),
  );
  names.set('4711', job).set('txn_16', charges[0].transaction_id);
}

const PLAN = {
  should_burst: true,
  instance_specification: { instance_types: ['c5.xlarge'], purchasing_option: 'on-demand' },
};

/** What has happened before a page's line is read. */
const BEFORE: readonly (readonly [string, () => Promise<unknown>])[] = [
  ['asbb alerts list', () => shell('asbb alerts check || true')],
  ['asbb transactions list', aJob],
];

beforeAll(async () => {
  chmodSync(root, 0o755);
  mkdirSync(join(root, 'out'));
  writeFileSync(
    join(root, 'out/mpi.sbatch'),
    '#!/bin/sh\n#SBATCH --ntasks-per-node=4\nmpirun ./a\n',
  );
  writeFileSync(join(root, 'out/plan.json'), JSON.stringify(PLAN), { mode: 0o644 });
  const day = readDay(resolve('test/demo/day.yaml'));
  stage = await emulatedStage(EXECUTABLE, root, { ...day, date: '2026-07-06' });
});
afterAll(async () => {
  await stage?.stop();
  rmSync(root, { recursive: true, force: true });
});

describe('the chapters on budgets and bursting', () => {
  it('has commands to type', () => {
    expect(inOrder.length).toBeGreaterThan(45);
  });

  it.each(inOrder)('%s', async (line) => {
    await BEFORE.find(([start]) => line.startsWith(start))?.[1]();
    const typed = [...names].reduce((text, [name, ours]) => text.replaceAll(name, ours), line);
    expect(await shell(typed)).toBeDefined();
  });

  it('has a configuration that is valid', async () => {
    appendFileSync(config, `\n${keys}`);
    expect(await shell('asbb config validate')).toContain('no problems');
  });
});
