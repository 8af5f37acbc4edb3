import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { initialConfig } from '../../src/adapters/config/init.ts';
import { renderProblem } from '../../src/adapters/config/problem.ts';
import { readConfig } from '../../src/adapters/config/read-config.ts';
import { shownValues } from '../../src/adapters/config/show.ts';

const EXAMPLE = readFileSync('test/fixtures/config.example.yaml', 'utf8');

function lineOf(text: string): string {
  return `/c.yaml:${EXAMPLE.split('\n').findIndex((line) => line.includes(text)) + 1}`;
}

function shown(text: string, environment: Record<string, string> = {}) {
  const read = readConfig(text, '/c.yaml', environment);
  if (read.settings === undefined) {
    throw new Error(read.problems.map(renderProblem).join('\n'));
  }
  const rows = shownValues(read, read.settings);
  return new Map(rows.map(({ key, value, origin }) => [key, `${value} from ${origin}`]));
}

it('writes a configuration that loads as it stands, without a note, and changes nothing', () => {
  const read = readConfig(initialConfig(), '/c.yaml', {});
  expect(read.problems).toEqual([]);
  expect(read.notes).toEqual([]);
  const bare = readConfig('', '/c.yaml', {});
  expect(read.settings).toEqual(bare.settings);
});

it('writes every key, also those without a default', () => {
  const text = initialConfig();
  const uncommented = text.replaceAll(/^(\s*)# (?=[a-z_]+:)/gmu, '$1');
  const keys = [...shown(EXAMPLE).keys()]
    .map((key) => key.split(/[.[]/u).find((_, at) => at === 1) ?? key)
    .filter((key) => !/^[0-9]/u.test(key));
  for (const key of new Set(keys)) {
    expect(uncommented).toMatch(new RegExp(`^ *${key}:`, 'mu'));
  }
  expect(text).toContain('node_group_name');
  expect(parse(text)).toMatchObject({ budget: { unbound_hold_ttl: '10m' } });
});

it('shows where each value came from', () => {
  const rows = shown(EXAMPLE, { ASBB_SLURM_RESUME_TIMEOUT: '700' });
  expect(rows.get('slurm.resume_timeout')).toBe('700 from environment ASBB_SLURM_RESUME_TIMEOUT');
  expect(rows.get('slurm.user')).toBe(`slurm from ${lineOf('user: slurm')}`);
  expect(rows.get('aws.connect_timeout')).toBe('3s from default');
  expect(rows.get('slurm.partitions[0].node_groups[1].boot_timeout')).toBe(
    `540 from ${lineOf('boot_timeout: 540')}`,
  );
  expect(rows.get('cost.overhead_seconds')).toBe(`650 from ${lineOf('overhead_seconds: 650')}`);
});

it('shows defaults that follow from other keys', () => {
  const rows = shown('database: { dsn: /srv/x/asbb.db }');
  expect(rows.get('slurm.state_dir')).toBe('/srv/x from default');
  expect(rows.get('cost.overhead_seconds')).toBe('650 from default');
  expect(rows.get('absa.command')).toBe('/usr/local/bin/absa from default');
});

it('shows secrets as ***', () => {
  const rows = shown(
    'test_mode: true\nauth: { jwt_secret: geheim }\nadvisor: { headers: { Authorization: geheim } }',
    { ASBB_INTEGRATION_ASBX_API_KEY: 'geheim' },
  );
  expect([...rows.values()].join('\n')).not.toContain('geheim');
  expect(rows.get('auth.jwt_secret')).toBe('*** from /c.yaml:2');
});

it('names what a YAML alias stands for by the line of the alias', () => {
  const rows = shown('advisor:\n  headers: &h { a: b }\nmetrics:\n  namespace: x\n');
  expect(rows.get('metrics.namespace')).toBe('x from /c.yaml:4');
});
