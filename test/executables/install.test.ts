import { spawnSync } from 'node:child_process';
import { globSync, lstatSync, readdirSync, realpathSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { parseSlurmConf } from '../../src/core/slurm/conf/file.ts';
import { slurmConfText } from '../../src/core/slurm/conf/lines.ts';
import { asbb, EXECUTABLES, LIB, temporaryFolder } from '../support/executables.ts';
import { exampleSettings } from '../support/settings.ts';

const [EXECUTABLE = ''] = EXECUTABLES;
const DIST = resolve(EXECUTABLE, '..');
const INSTALL = join(import.meta.dirname, '../../packaging/install.sh');
const RUNNABLE = 0o755;
const PERMISSIONS = 0o777;
const ORIGINALS = [
  'aws-slurm-burst',
  'aws-slurm-burst-export-performance',
  'aws-slurm-burst-resume',
  'aws-slurm-burst-state-manager',
  'aws-slurm-burst-suspend',
  'aws-slurm-burst-validate',
];

function install(...words: readonly string[]) {
  const root = temporaryFolder();
  const env = { PATH: '/usr/bin:/bin', DESTDIR: root, ASBB_DIST: DIST };
  const { status, stderr } = spawnSync(INSTALL, words, { env, encoding: 'utf8' });
  const files = globSync('**', { cwd: root, withFileTypes: true })
    .filter((file) => !file.isDirectory())
    .map((file) => relative(root, join(file.parentPath, file.name)))
    .toSorted();
  return { root, status, stderr, files };
}

it('installs asbb, its addon, the wrappers of slurm.conf and the directories', () => {
  const { root, status, files } = install();
  expect(status).toBe(0);
  expect(files).toEqual([
    'etc/logrotate.d/asbb',
    'usr/bin/asbb',
    ...readdirSync(LIB).map((name) => `usr/lib/asbb/${name}`),
    ...['epilog', 'resume', 'resume-fail', 'suspend'].map(
      (name) => `usr/local/libexec/asbb/${name}`,
    ),
  ]);
  expect(lstatSync(join(root, 'var/lib/asbb')).mode & PERMISSIONS).toBe(0o750);
  for (const place of ['etc/asbb', 'var/spool/asbx']) {
    expect(lstatSync(join(root, place)).isDirectory()).toBe(true);
  }
  expect(asbb(join(root, 'usr/bin/asbb'), ['version']).status).toBe(0);
});

it('CMD-1: puts each program where asbb slurm conf says that it is', () => {
  const { root } = install();
  const conf = parseSlurmConf(slurmConfText(exampleSettings()));
  for (const name of ['resumeprogram', 'suspendprogram', 'resumefailprogram', 'epilogslurmctld']) {
    const file = join(root, conf.settings.get(name) ?? '');
    expect([file, lstatSync(file).mode & PERMISSIONS]).toEqual([file, RUNNABLE]);
  }
});

it('1.2: --original-names: links of every original name, which act on the name', () => {
  const { root, files } = install('--original-names', '--reboot');
  expect(files).toContain('usr/local/libexec/asbb/reboot');
  expect(files.filter((file) => file.includes('aws-slurm'))).toEqual(
    ORIGINALS.map((name) => `usr/bin/${name}`),
  );
  for (const name of ORIGINALS) {
    expect(realpathSync(join(root, 'usr/bin', name))).toBe(
      realpathSync(join(root, 'usr/bin/asbb')),
    );
  }
  const { status, stderr } = asbb(join(root, 'usr/bin/aws-slurm-burst-resume'), ['']);
  expect([status, stderr]).toEqual([2, expect.stringContaining('nodelist is empty')]);
});

it('9.4: --node: the watcher and its unit into an image, switched on', () => {
  const { root, files } = install('--node');
  expect(files).toEqual([
    'etc/systemd/system/asbb-node-watch.service',
    'etc/systemd/system/multi-user.target.wants/asbb-node-watch.service',
    'usr/local/sbin/asbb-node-watch',
  ]);
  const [unit = '', wanted = '', program = ''] = files.map((file) => join(root, file));
  expect(realpathSync(wanted)).toBe(realpathSync(unit));
  expect(lstatSync(program).mode & PERMISSIONS).toBe(RUNNABLE);
});

it('says how it is called', () => {
  const { status, stderr, files } = install('--nodes');
  expect({ status, files }).toEqual({ status: 2, files: [] });
  expect(stderr).toMatch(/packaging\/install\.sh .*--original-names/u);
});
