import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { expect, it } from 'vitest';

// What `npm run bench` says of many nodes, with four: that it still runs, not how fast.

it('burst.md 9.7: bench plays the life of nodes and sets their calls beside ParallelCluster', () => {
  const bench = resolve('packaging/bench/bench.mjs');
  const words = [bench, '--only=nodes', '--tiny'];
  const { status, stdout, stderr } = spawnSync(process.execPath, words, { encoding: 'utf8' });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  const rows = stdout.split('\n').map((row) => row.replace(/ {2,}/gu, ' | '));
  expect(rows).toContain('4 nodes: launch calls | 1.00 | ParallelCluster 1');
  expect(rows).toContain('4 nodes: terminate calls | 1.00 | ParallelCluster 1');
  expect(rows.filter((row) => row.includes('ok | <= 10'))).toHaveLength(1);
});
