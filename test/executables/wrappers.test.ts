import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { EXECUTABLES, readySite, temporaryFolder } from '../support/executables.ts';
import { installWrappers, shippedWrapper, WRAPPERS } from '../support/wrappers.ts';

const [EXECUTABLE = ''] = EXECUTABLES;
/** All that slurmctld gives (burst.md 7.1). */
const BARE = { SLURM_CONF: '/nowhere/slurm.conf' };

/** Of a partition that is not ours: an epilog reads its configuration, and is done. */
const JOB = { SLURM_JOB_ID: '7', SLURM_JOB_PARTITION: 'static' };

/** A site whose bin/asbb runs these lines, and its wrappers. */
function siteWith(root: string, lines: string): string {
  for (const name of ['bin', 'libexec']) {
    mkdirSync(join(root, name));
  }
  writeFileSync(join(root, 'bin/asbb'), `#!/bin/sh\n${lines}\n`);
  chmodSync(join(root, 'bin/asbb'), 0o755);
  installWrappers(root);
  return root;
}

function call(root: string, hook: string, words: readonly string[], more = {}) {
  const run = { env: { ...BARE, ...more }, cwd: '/', encoding: 'utf8' } as const;
  return spawnSync(join(root, 'libexec', hook), words, run);
}

describe('CMD-1, SL-2: the wrappers that slurm.conf names', () => {
  it.each(WRAPPERS)('%s has two lines and no argument of its own', (hook) => {
    const [shell, line = '', ...rest] = shippedWrapper(hook).split('\n');
    expect([shell, ...rest]).toEqual(['#!/bin/sh', '']);
    expect(line).toMatch(new RegExp(`; exec /usr/bin/asbb hook ${hook} "\\$@"$`, 'u'));
  });

  it.each(WRAPPERS)('%s sets PATH and names the configuration, whatever SLURM_CONF is', (hook) => {
    const probe = 'printf "%s\\n" "$PATH" "$ASBB_CONFIG" "$SLURM_CONF" "$#" "$@"';
    const root = siteWith(temporaryFolder(), probe);
    const { status, stdout } = call(root, hook, ['n[1-2] $(id)']);
    expect([status, ...stdout.split('\n')]).toEqual([
      ...[0, '/usr/sbin:/usr/bin:/sbin:/bin', join(root, 'config.yaml'), BARE.SLURM_CONF],
      ...['3', 'hook', hook, 'n[1-2] $(id)', ''],
    ]);
  });

  it.each([
    ['prolog', [], 0],
    ['resume', [''], 2],
    ['suspend', [''], 2],
    ['resume-fail', [''], 2],
    ['reboot', [''], 2],
    ['epilog', [], 0],
  ] as const)('%s starts the executable with that configuration', (hook, words, code) => {
    const { root } = readySite(EXECUTABLE);
    siteWith(root, `exec ${EXECUTABLE} "$@"`);
    const log = join(root, 'hook.log');
    const config = readFileSync(join(root, 'config.yaml'), 'utf8');
    writeFileSync(join(root, 'config.yaml'), config.replace(/^( *file:) .*$/mu, `$1 ${log}`));
    const { status, stdout, stderr } = call(root, hook, words, JOB);
    expect({ status, stdout, stderr }).toEqual({ status: code, stdout: '', stderr: '' });
    // What is wrong with the call stands in the log that this configuration names.
    expect(code === 0 || readFileSync(log, 'utf8')).toBeTruthy();
  });
});
