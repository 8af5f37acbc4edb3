// An emulated cluster with the fake EC2 and an account that can pay, for what bench plays on it.
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { emulatedStage } from '../../test/demo/emulated.ts';
import { BUN, work } from './tools.mjs';

const DAY = { date: '2026-01-05', scripts: {}, steps: [] };

export async function stageFor(name, site) {
  const root = join(work, name);
  mkdirSync(root, { mode: 0o755 });
  const stage = await emulatedStage(BUN, root, DAY, site);
  const account = ['--account', 'physics', '--name', 'Physics', '--budget', '1000000'];
  const dates = ['--start', '2026-01-01', '--end', '2035-12-31'];
  await must(stage, 'operator', 'asbb', 'account', 'create', ...account, ...dates);
  return { stage, root };
}

export async function must(stage, user, ...words) {
  const { code, stdout, stderr } = await stage.run(user, words);
  if (code !== 0) {
    throw new Error(`exit code ${code}: ${words.join(' ')}\n${stderr}`);
  }
  return stdout;
}

/** What the fake EC2 has written down. */
export const journalOf = (root) =>
  readFileSync(join(root, 'cloud.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
