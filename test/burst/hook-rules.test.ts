import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { BurstResume } from '../../schema/output/burst-resume.ts';
import { mayTrace } from '../support/programs.ts';
import { type ProcessSite, startProcessSite } from './support/process-site.ts';

// Rules of burst.md 1.2 and 7.1 that only a whole process can break.

let site: ProcessSite;
beforeAll(async () => {
  site = await startProcessSite();
});
afterAll(async () => {
  await site.close();
});

const IS_ROOT = process.getuid?.() === 0;
const SYSTEM = '/etc/asbb/config.yaml';
const ORIGINAL = '/etc/slurm/aws-burst.yaml';

/** The lines that strace wrote of a call of the hook or command. */
async function traced(calls: string, args: readonly string[], env: Record<string, string>) {
  const file = join(site.root, 'trace');
  const under = ['strace', '-f', '-qq', '-s', '4096', '-o', file, '-e', `trace=${calls}`];
  const ended = await site.asbb(args, { env, under });
  return { ended, lines: readFileSync(file, 'utf8').split('\n') };
}

describe('SL-1: the first act of a hook', () => {
  it('gives what it starts a clean environment, /dev/null, an umask, and SLURM_CONF', async () => {
    const own = join(site.root, 'bin/scontrol');
    const real = join(site.root, 'bin/real/scontrol');
    const told = join(site.root, 'told');
    mkdirSync(join(site.root, 'bin/real'));
    renameSync(own, real);
    onTestFinished(() => renameSync(real, own));
    const probe = [
      `{ printf '%s\\n' "$0" "$PATH" "$HOME" "$LC_ALL" "$SLURM_CONF" "$(umask)"`,
      `readlink /proc/$$/fd/0; } > ${told}`,
      `exec ${real} "$@"`,
    ];
    writeFileSync(own, `#!/bin/sh\n${probe.join('\n')}\n`, { mode: 0o755 });
    await site.job('aws-cpu-040', 1);
    const shell = ['/bin/sh', '-c', 'umask 077; exec "$@" <&- >&- 2>&-', 'sh'];
    const env = { HOME: '/root', LC_ALL: 'de_DE.UTF-8', PATH: '/tmp', LD_LIBRARY_PATH: '/tmp' };
    const ended = await site.asbb(['hook', 'resume', 'aws-cpu-040'], { under: shell, env });
    expect(ended).toMatchObject({ code: 0, stdout: '', stderr: '' });
    expect(site.read('told').split('\n')).toEqual([
      own, // absolute, below slurm.bin_path
      '/usr/sbin:/usr/bin:/sbin:/bin',
      '/',
      'C',
      '/etc/slurm/slurm.conf', // what slurmctld gave; else slurm.config_path
      '0027',
      '/dev/null',
      '',
    ]);
  });

  it.each(['resume', 'suspend', 'resume-fail', 'prolog'])(
    '%s makes its files for itself and its group, whatever the umask was',
    async (hook) => {
      const log = site.write('asbb.log', '');
      rmSync(log);
      await site.asbb(['hook', hook, 'aws-cpu-041'], {
        under: ['/bin/sh', '-c', 'umask 000; exec "$@" <&- >&- 2>&-', 'sh'],
      });
      const made = existsSync(log) ? statSync(log).mode & 0o777 : 0o640;
      expect(made).toBe(0o640);
    },
  );
});

describe.runIf(IS_ROOT)('SL-2: the hooks run as SlurmUser', () => {
  it.each(['resume', 'suspend', 'resume-fail', 'reboot'])(
    '%s by anybody else is refused (3), and nothing is done',
    async (hook) => {
      const place = mkdtempSync(join(tmpdir(), 'asbb-other-'));
      onTestFinished(() => rmSync(place, { recursive: true }));
      chmodSync(place, 0o755);
      const config = join(place, 'config.yaml');
      writeFileSync(config, site.read('config.yaml'), { mode: 0o644 });
      const before = [site.calls().length, (await site.fake.journal()).length];
      const ended = await site.asbb(['hook', hook, 'aws-cpu-040'], {
        env: { ASBB_CONFIG: config },
        under: ['/usr/bin/setpriv', '--reuid=65534', '--clear-groups'],
      });
      expect(ended).toMatchObject({ code: 3, stdout: '', stderr: '' });
      expect([site.calls().length, (await site.fake.journal()).length]).toEqual(before);
    },
  );
});

/** Of the two usual places, those that were looked at, in order. */
async function asked(args: readonly string[], env: Record<string, string>) {
  const { lines } = await traced('%file', args, env);
  const places = lines.flatMap(
    (line) => /"(\/etc\/(?:asbb|slurm)\/[^"]*\.yaml)"/u.exec(line)?.[1] ?? [],
  );
  return places.filter((place, at) => places.indexOf(place) === at);
}

describe.runIf(mayTrace())('CMD-2: the configuration of a hook', () => {
  it('is ASBB_CONFIG, or --config before it, else at the one usual place', async () => {
    const words = ['hook', 'prolog'];
    expect(await asked(words, {})).toEqual([]);
    expect(await asked(words, { ASBB_CONFIG: '' })).toEqual([SYSTEM]);
    const flagged = [...words, '--config', join(site.root, 'config.yaml')];
    const { ended } = await traced('%file', flagged, { ASBB_CONFIG: '/nowhere.yaml' });
    expect(ended.code).toBe(0);
    expect((await traced('%file', words, { ASBB_CONFIG: '/nowhere.yaml' })).ended.code).toBe(2);
  });
});

describe.runIf(mayTrace() && !existsSync(SYSTEM))('CMD-2: the configuration of a person', () => {
  it('is also at the original’s place, when the first is missing', async () => {
    const words = ['burst', 'resume', 'aws-cpu-050', '--dry-run'];
    expect(await asked(words, { ASBB_CONFIG: '' })).toEqual([SYSTEM, ORIGINAL]);
    expect(await asked(words, {})).toEqual([]);
    expect(await asked(['account', 'list'], { ASBB_CONFIG: '' })).toEqual([SYSTEM]);
  });
});

const MAY_MOUNT = IS_ROOT && spawnSync('/usr/bin/unshare', ['-m', 'true']).status === 0;

describe.runIf(MAY_MOUNT && existsSync('/etc/slurm') && !existsSync(SYSTEM))(
  'CMD-2: a file of the original, where its programs looked for it',
  () => {
    it('is what a resume by hand goes by', async () => {
      const place = join(site.root, 'etc-slurm');
      mkdirSync(place);
      writeFileSync(join(place, 'aws-burst.yaml'), site.read('config.yaml'), { mode: 0o640 });
      const script = 'mount --bind "$0" /etc/slurm && exec "$@"';
      const ended = await site.asbb(['burst', 'resume', 'nowhere-1'], {
        env: { ASBB_CONFIG: '', PATH: '/usr/bin:/bin' },
        under: ['/usr/bin/unshare', '-m', '/bin/sh', '-c', script, place],
      });
      expect(ended).toMatchObject({
        code: 3,
        stdout: 'nowhere-1: no node group of the configuration has this node\n',
      });
    });
  },
);

describe.runIf(mayTrace())('CMD-3: without a configuration', () => {
  it.each([
    ['broken', () => site.write('bad.yaml', 'slurm: [')],
    ['missing', () => join(site.root, 'none.yaml')],
  ])('%s: the compiled-in scontrol is asked to take the nodes back; 2', async (_, config) => {
    const env = { ASBB_CONFIG: config(), SLURM_CONF: site.write('slurm.conf', 'Nonsense\n') };
    const { ended, lines } = await traced(
      'execve,openat',
      ['hook', 'resume', 'aws-cpu-[030-031]'],
      env,
    );
    expect(ended).toMatchObject({ code: 2, stdout: '', stderr: '' });
    const vector =
      '"update", "nodename=aws-cpu-[030-031]", "state=power_down_force", "reason=asbb: config error"]';
    const started = lines.filter((line) => line.includes('execve("/usr/bin/scontrol"'));
    expect(started.length).toBeGreaterThan(0);
    expect(started.filter((line) => !line.includes(vector))).toEqual([]);
    // And it is told to the log of the usual place.
    expect(lines.some((line) => line.includes('"/var/log/slurm/asbb.log"'))).toBe(true);
  });
});

/** Every file below the site, but what SQLite maps and what stand-ins write. */
function files(): Readonly<Record<string, string>> {
  const own = readdirSync(site.root, { recursive: true, withFileTypes: true })
    .filter((file) => file.isFile() && !/^(?:calls|clock|.*-shm|told|trace)$/u.test(file.name))
    .map((file) => join(file.parentPath, file.name));
  return Object.fromEntries(
    own.map((file) => [file, createHash('sha256').update(readFileSync(file)).digest('hex')]),
  );
}

describe('CMD-4: a dry run', () => {
  it('shows nodes, job, types and why, request, tags, cost and hold; writes nothing', async () => {
    const jobId = await site.job('aws-two-[001-002]', 2);
    await site.asbb(['burst', 'resume', 'aws-two-[001-002]', '--dry-run']); // the addon is there now
    const before = files();
    const start = (await site.fake.journal()).length;
    const words = ['burst', 'resume', 'aws-two-[001-002]', '--dry-run', '--json'];
    const ended = await site.asbb(words);
    expect(ended).toMatchObject({ code: 0, stderr: '' });
    const shown = BurstResume.parse(JSON.parse(ended.stdout));
    const tags = { 'asbb:cluster': 'hpc1', 'asbb:job': `${jobId}`, 'asbb:account': 'chem' };
    expect(shown).toMatchObject({
      dry_run: true,
      nodes: ['aws-two-001', 'aws-two-002'],
      gangs: [
        {
          job_ids: [`${jobId}`],
          calls: [
            {
              action: 'CreateFleet',
              instance_types: ['c5.xlarge', 'c6i.xlarge'],
              request: {
                Type: 'instant',
                ClientToken: expect.stringMatching(/^asbb-[0-9a-f]{40}$/u),
              },
              tags,
            },
          ],
          // Two nodes of the dearer type at 0.18; the job's limit is an hour.
          cost_per_hour_micros: '360000',
          cost_for_limit_micros: '360000',
          ledger: [{ account: 'chem', effect: 'none', now_micros: '500000000' }],
        },
      ],
    });
    const [gang] = shown.dry_run ? shown.gangs : [];
    expect(gang?.calls[0]?.reasons.length).toBeGreaterThan(0);
    expect(files()).toEqual(before);
    const requests = (await site.fake.journal()).slice(start).map((entry) => entry['action']);
    expect(
      requests.filter((name) => name !== undefined && !/^(?:Describe|Get)/u.test(String(name))),
    ).toEqual([]);
    expect(
      site.calls().filter((line) => line.includes('[update]') && line.includes('aws-two')),
    ).toEqual([]);
  });

  it('asks EC2 for permission with DryRun alone, under --check-iam', async () => {
    await site.job('aws-run-001', 1);
    const start = (await site.fake.journal()).length;
    const words = ['burst', 'resume', 'aws-run-001', '--dry-run', '--check-iam', '--json'];
    expect(await site.asbb(words)).toMatchObject({ code: 0 });
    const calls = (await site.fake.journal()).slice(start).filter(({ kind }) => kind === 'request');
    const changing = calls.filter(({ action }) => !/^(?:Describe|Get)/u.test(String(action)));
    expect(changing.map(({ action }) => action)).toEqual(['RunInstances']);
    expect(changing[0]).toMatchObject({ params: { DryRun: 'true' } });
  });

  it('of suspend: what would be terminated; nothing is', async () => {
    await site.job('aws-cpu-060', 1);
    await site.asbb(['burst', 'resume', 'aws-cpu-060']);
    site.nodes({ 'aws-cpu-060': 'IDLE+CLOUD+POWERING_DOWN' });
    const before = files();
    const ended = await site.asbb(['burst', 'suspend', 'aws-cpu-060', '--dry-run']);
    expect(ended.code).toBe(0);
    expect(files()).toEqual(before);
    const names = (await site.fake.live()).map(({ tags }) => tags['Name']);
    expect(names).toContain('aws-cpu-060');
  });
});
