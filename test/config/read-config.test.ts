import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { renderProblem } from '../../src/adapters/config/problem.ts';
import { readConfig } from '../../src/adapters/config/read-config.ts';

const EXAMPLE = readFileSync('test/fixtures/config.example.yaml', 'utf8');

function problems(text: string, environment: Record<string, string> = {}) {
  return readConfig(text, '/c.yaml', environment).problems.map(renderProblem);
}
it('loads the example as it stands', () => {
  const read = readConfig(EXAMPLE, '/etc/asbb/config.yaml', {});
  expect(read.problems.map(renderProblem)).toEqual([]);
  expect(read.notes).toEqual([]);
  console.log(JSON.stringify(read.settings, null, 1).slice(0, 3000));
});
it('x', () => {
  console.log(problems('slurm:\n  partitons: []\naws: { region: x, retry_max_attempts: 99, authentication_method: foo }\nbugdet: 1\npartitions: 3\n'));
  console.log(problems('slurm:\n  partitions:\n    - partition_name: a-b\n      fail: maybe\n      node_groups:\n        - max_nodes: 0\n          spot_options: { foo: 1 }\n'));
});
