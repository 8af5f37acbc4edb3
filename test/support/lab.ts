import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type FakeCloud, startFakeCloud } from './fake-cloud.ts';
import { takePorts } from './ports.ts';
import { mustRun, type Outcome, program } from './programs.ts';
import { configYaml, type SiteOptions } from './site-config.ts';
import { installWrappers } from './wrappers.ts';

const SLURM_LAB = resolve(import.meta.dirname, '../lab/slurm-lab');
const SLURM_USER = 'slurm';
const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

export interface LabOptions extends Partial<SiteOptions> {
  /** The asbb to install; copied, so that a build meanwhile does not change it. */
  readonly executable: string;
  /** Lines for slurm.conf; the last value of a key wins. */
  readonly slurmConfLines?: readonly string[];
  /** Nodes (a pattern of sh) whose instances start no slurmd. */
  readonly withoutSlurmd?: string;
  /** false: slurmctld without our job_submit.lua, to compare with. */
  readonly plugin?: boolean;
}

/** A real SLURM whose "EC2 instances" are slurmd processes that the fake cloud boots. */
export interface Lab {
  readonly root: string;
  readonly config: string;
  readonly fake: FakeCloud;
  /** asbb as SlurmUser. */
  asbb(...args: readonly string[]): Promise<Outcome>;
  /** A SLURM command as alice, bob or root, in the folder of the jobs. */
  as(user: string, words: readonly string[], input?: string): Promise<Outcome>;
  /** `slurm-lab ARGS`: boot, kill, restart, logs … */
  lab(...args: readonly string[]): Promise<string>;
  readonly jobs: string;
  /** From now on the epilog of this job is not delivered. */
  loseEpilog(jobId: string): void;
  /** Ends SLURM and the fake cloud; keeps the logs under `root` when asked to. */
  stop(keepLogs?: boolean): Promise<void>;
}

function idOf(user: string, flag: '-u' | '-g'): number {
  return Number(execFileSync('/usr/bin/id', [flag, user], { encoding: 'utf8' }));
}

/** Folders as an installation would have them, owned by SlurmUser; `jobs` is for everybody. */
function layOut(root: string, uid: number, gid: number): void {
  chmodSync(root, 0o755);
  for (const [name, mode] of [
    ['bin', 0o755],
    ['libexec', 0o755],
    ['state', 0o750],
    ['costs', 0o755],
    ['reports', 0o755],
    ['log', 0o755],
    ['lost', 0o755],
  ] as const) {
    mkdirSync(join(root, name));
    chmodSync(join(root, name), mode);
    chownSync(join(root, name), name === 'bin' || name === 'libexec' ? 0 : uid, gid);
  }
  mkdirSync(join(root, 'jobs'));
  chmodSync(join(root, 'jobs'), 0o1777);
}

/** NodeName lines of `asbb slurm conf`, made to run on this one machine: a port a node. */
function labNodes(conf: string, firstPort: number): readonly string[] {
  let port = firstPort;
  return conf.split('\n').flatMap((line) => {
    if (line.startsWith('PartitionName=') || line.startsWith('PrivateData=')) {
      return [line];
    }
    const range = /^NodeName=[^[]*\[(\d+)-(\d+)\]/u.exec(line);
    if (range === null) {
      return [];
    }
    const count = Number(range[2]) - Number(range[1]) + 1;
    const ports = count === 1 ? `${port}` : `[${port}-${port + count - 1}]`;
    port += count;
    const host = hostname().split('.')[0];
    return [`${line} NodeHostName=${host} NodeAddr=127.0.0.1 Port=${ports}`];
  });
}

/** Words before those that boot a node: for some nodes they are not run at all. */
function bootsUnless(pattern: string | undefined): readonly string[] {
  return pattern === undefined
    ? []
    : ['/bin/sh', '-c', `case $3 in ${pattern}) ;; *) exec "$@" ;; esac`, 'boot'];
}

export async function startLab(options: LabOptions): Promise<Lab> {
  const root = mkdtempSync(join(tmpdir(), 'asbb-lab-'));
  const [uid, gid] = [idOf(SLURM_USER, '-u'), idOf(SLURM_USER, '-g')];
  layOut(root, uid, gid);
  const ports = await takePorts();
  const { base } = ports;
  const config = join(root, 'config.yaml');
  const labEnv = {
    PATH,
    SLURM_LAB: join(root, 'slurm'),
    SLURM_LAB_PORT: String(base),
    ASBB_CONFIG: config, // of slurmctld, hence of job_submit.lua; the wrappers set it themselves
  };
  const executable = join(root, 'bin/asbb');
  copyFileSync(options.executable, executable);
  installWrappers(root);

  const fake = await startFakeCloud({
    root,
    network: '127.1',
    pendingSeconds: [1, 2],
    boot: {
      running: [...bootsUnless(options.withoutSlurmd), SLURM_LAB, 'boot', '{node}'],
      gone: [SLURM_LAB, 'kill', '{node}'],
      env: labEnv,
    },
  });
  const site: SiteOptions = {
    resumeTimeout: 120,
    suspendTimeout: 5,
    suspendTime: 10,
    requeueDelay: 5,
    breakerOpenFor: '10s',
    ...options,
    root,
    slurmUser: SLURM_USER,
    clusterName: 'lab',
    binPath: '/usr/bin',
    slurmConf: join(root, 'slurm/etc/slurm.conf'),
    endpoint: fake.url,
  };
  writeFileSync(config, configYaml(site));

  const env = { PATH, ASBB_CONFIG: config, SLURM_CONF: site.slurmConf };
  function asbb(...args: readonly string[]): Promise<Outcome> {
    return program(executable, args, { env, uid, gid, cwd: '/' });
  }
  function lab(...args: readonly string[]): Promise<string> {
    return mustRun(SLURM_LAB, args, { env: labEnv });
  }
  async function must(...args: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await asbb(...args);
    if (code !== 0) {
      throw new Error(`exit code ${code}: asbb ${args.join(' ')}\n${stdout}${stderr}`);
    }
    return stdout;
  }

  try {
    await must('ledger', 'migrate');
    const lua = join(root, 'job_submit.lua');
    writeFileSync(lua, await must('slurm', 'conf', '--lua'));
    const extra = join(root, 'extra.conf');
    const lines = labNodes(await must('slurm', 'conf'), base + 20);
    const more = [
      'CommunicationParameters=NoCtldInAddrAny', // slurmd on every address: the fake's are 127.1.x.y
      ...(options.slurmConfLines ?? []),
    ];
    writeFileSync(extra, `${[...lines, ...more].join('\n')}\n`);
    await lab(
      'up',
      ...['--slurm-user', SLURM_USER, '--cloud-nodes', '0', '--gpu-nodes', '0'],
      ...['--resume-program', join(root, 'libexec/resume')],
      ...['--suspend-program', join(root, 'libexec/suspend')],
      ...['--resume-fail-program', join(root, 'libexec/resume-fail')],
      ...['--epilog-slurmctld', join(root, 'libexec/epilog')],
      ...(options.plugin === false ? [] : ['--job-submit-lua', lua]),
      ...['--resume-timeout', String(site.resumeTimeout)],
      ...['--suspend-time', String(site.suspendTime)],
      ...['--suspend-timeout', String(site.suspendTimeout)],
      ...['--requeue-delay', '5', '--extra', extra],
    );
  } catch (error) {
    await fake.stop();
    ports.release();
    throw error;
  }

  return {
    root,
    config,
    fake,
    asbb,
    lab,
    jobs: join(root, 'jobs'),
    as: (user, words, input = '') =>
      program(SLURM_LAB, ['as', user, ...words], {
        env: labEnv,
        cwd: join(root, 'jobs'),
        input,
      }),
    loseEpilog: (jobId) => writeFileSync(join(root, 'lost', jobId), ''),
    stop: async (keepLogs = false) => {
      await lab('down');
      await fake.stop();
      ports.release();
      if (!keepLogs) {
        rmSync(root, { recursive: true, force: true });
      }
    },
  };
}

/** The last lines of the logs that tell most, for the report of a test that failed. */
export function logsOf(lab: Lab): string {
  const files = ['log/asbb.log', 'fake-ec2.log', 'slurm/log/slurmctld.log'];
  return files
    .map((file) => join(lab.root, file))
    .filter((file) => existsSync(file))
    .map((file) => `== ${file}\n${readFileSync(file, 'utf8').split('\n').slice(-40).join('\n')}`)
    .join('\n');
}
