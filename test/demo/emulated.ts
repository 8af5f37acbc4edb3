import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { type FakeCloud, startFakeCloud } from '../support/fake-cloud.ts';
import { mustRun, type Outcome, program } from '../support/programs.ts';
import { configYaml, type SiteOptions } from '../support/site-config.ts';
import { installWrappers } from '../support/wrappers.ts';
import type { Capacity, Day, Fault } from './day.ts';
import type { Stage } from './play.ts';

/** Who may charge what, as an emulated slurmdbd knows it (emulator.md 1). */
const ASSOCIATIONS: readonly string[] = [
  '# asbb-assoc physics root alice,bob',
  '# asbb-assoc chemistry root bob',
];

export interface EmulatedOptions extends Partial<SiteOptions> {
  /**
   * No program is started for an instance that runs, and all that are launched together run at once: the
   * caller says which nodes are up.
   */
  readonly bootsNothing?: boolean;
}

export interface Emulated extends Stage {
  readonly fake: FakeCloud;
  stop(): Promise<void>;
}

/** A cluster below `root` that exists only as files, driven by a virtual clock. No root needed. */
export async function emulatedStage(
  executable: string,
  root: string,
  day: Day,
  { bootsNothing = false, ...site }: EmulatedOptions = {},
): Promise<Emulated> {
  const me = userInfo().username;
  const cluster = join(root, 'cluster');
  const slurmConf = join(cluster, 'etc/slurm.conf');
  const config = join(root, 'config.yaml');
  for (const name of ['bin', 'state', 'costs', 'reports', 'log', 'jobs', 'libexec', 'lost']) {
    mkdirSync(join(root, name));
  }
  symlinkSync(executable, join(root, 'bin/asbb'));
  installWrappers(root);

  const asbbPath = join(root, 'bin/asbb');
  const fake = await startFakeCloud({
    root,
    epoch: `${day.date}T${day.steps[0]?.at ?? '00:00'}:00Z`,
    ...(bootsNothing && { pendingSeconds: [30, 30] as const, shutdownSeconds: [2, 2] as const }),
    ...(!bootsNothing && {
      boot: {
        running: [asbbPath, 'emulate', 'boot', '{node}'],
        gone: [asbbPath, 'emulate', 'kill', '{node}'],
        env: { SLURM_CONF: slurmConf, ASBB_CONFIG: config },
      },
    }),
  });
  writeFileSync(
    config,
    configYaml({
      ...site,
      root,
      slurmUser: me,
      clusterName: 'demo',
      binPath: join(cluster, 'bin'),
      slurmConf,
      endpoint: fake.url,
      clockFile: join(root, 'clock'),
    }),
  );
  const env = { ASBB_CONFIG: config, SLURM_CONF: slurmConf };
  function asbb(...args: readonly string[]): Promise<string> {
    return mustRun(asbbPath, args, { env, cwd: root });
  }
  function runTo(...goal: readonly string[]): Promise<string> {
    return asbb('emulate', 'run', ...goal, '--fake', fake.socket, '--maintain', '5m');
  }

  try {
    await asbb('ledger', 'migrate');
    const conf = join(root, 'slurm.conf');
    const clock = `# asbb-clock ${join(root, 'clock')}`;
    writeFileSync(conf, [await asbb('slurm', 'conf'), clock, ...ASSOCIATIONS, ''].join('\n'));
    await asbb('emulate', 'init', cluster, '--conf', conf);
    writeFileSync(join(cluster, 'etc/job_submit.lua'), await asbb('slurm', 'conf', '--lua'));
    for (const [name, text] of Object.entries(day.scripts)) {
      writeFileSync(join(root, 'jobs', name), text, { mode: 0o755 });
    }
  } catch (error) {
    await fake.stop();
    throw error;
  }

  function run(as: string, [name = '', ...args]: readonly string[]): Promise<Outcome> {
    const file = name === 'asbb' ? asbbPath : join(cluster, 'bin', name);
    const user = as === 'operator' ? me : as;
    return program(file, args, {
      env: { ...env, ASBB_EMULATE_USER: user },
      cwd: join(root, 'jobs'),
    });
  }

  return {
    title: 'the built-in emulator',
    fake,
    until: async (instant) => {
      await runTo('--until', instant);
    },
    run,
    capacity: async (change: Capacity) => {
      await fake.post('/capacity', change);
    },
    fault: async ({ on, job, do: what }: Fault) => {
      const fault = { on, job: Number(job), do: what };
      await asbb('emulate', 'fault', 'add', JSON.stringify(fault));
    },
    expectState: async (jobId, state) => {
      const words = ['sacct', '-X', '-n', '-P', '-j', jobId, '-o', 'State'];
      const { stdout } = await run('operator', words);
      if (stdout.trim().split('\n').at(-1)?.split(' ')[0] !== state) {
        throw new Error(`job ${jobId} is "${stdout.trim()}", not ${state}`);
      }
    },
    settle: async () => {
      await runTo('--until-idle');
    },
    stop: () => fake.stop(),
  };
}
