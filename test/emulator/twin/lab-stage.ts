import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { takePorts } from '../../support/ports.ts';
import { eventually, mustRun, program } from '../../support/programs.ts';
import { FIRST_JOB_ID } from './player.ts';
import {
  parseCall,
  programText,
  SINFO,
  type Snapshot,
  SQUEUE,
  type Stage,
  snapshotOf,
} from './stage.ts';

const SLURM_LAB = resolve('test/lab/slurm-lab');
const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const PATIENCE_SECONDS = 150; // the test machine may be busy
const USERS: Readonly<Record<string, { uid: number; gid: number }>> = {
  alice: { uid: 64_101, gid: 1001 },
  bob: { uid: 64_102, gid: 1002 },
  root: { uid: 0, gid: 0 },
};

export interface LabStage extends Stage {
  readonly slurmConf: string;
  /** slurmdbd has heard of all that slurmctld knows. */
  booked(): Promise<void>;
  stop(): Promise<void>;
}

/** A real SLURM 22.05 whose nodes are slurmd processes; root only. */
export async function labStage(nodes: number): Promise<LabStage> {
  const root = mkdtempSync(join(tmpdir(), 'asbb-twin-'));
  chmodSync(root, 0o755);
  const ports = await takePorts();
  const env = {
    PATH,
    SLURM_LAB: join(root, 'slurm'),
    SLURM_LAB_PORT: String(ports.base),
  };
  for (const name of ['calls', 'deeds', 'jobs']) {
    mkdirSync(join(root, name));
  }
  chmodSync(join(root, 'jobs'), 0o777);
  const conf = join(root, 'slurm/etc/slurm.conf');
  const clean = `export SLURM_LAB=${env.SLURM_LAB} SLURM_LAB_PORT=${env.SLURM_LAB_PORT}; unset SLURM_CONF_SERVER`;
  const acts: Readonly<Record<string, string>> = {
    resume: `${clean}
for n in $(scontrol show hostnames "$1"); do case $(cat "$DEEDS/$n" 2>/dev/null) in
nothing) ;; force) F="$F$n,";; *) ${SLURM_LAB} boot "$n" >/dev/null 2>&1;; esac; done
[ -z "$F" ] || scontrol update nodename="\${F%,}" state=power_down_force reason=forced`,
    suspend: `${clean}
for n in $(scontrol show hostnames "$1"); do ${SLURM_LAB} kill "$n" >/dev/null 2>&1; done`,
    resumefail: ':',
    epilog: ':',
  };
  for (const [name, act] of Object.entries(acts)) {
    writeFileSync(join(root, name), programText(join(root, 'calls'), join(root, 'deeds'), act), {
      mode: 0o755,
    });
  }
  writeFileSync(
    join(root, 'extra'),
    `PrivateData=cloud\nSlurmdTimeout=5\nFirstJobId=${FIRST_JOB_ID}\n`,
  );
  await mustRun(
    SLURM_LAB,
    [
      'up',
      ...['--resume-program', join(root, 'resume'), '--suspend-program', join(root, 'suspend')],
      ...[
        '--resume-fail-program',
        join(root, 'resumefail'),
        '--epilog-slurmctld',
        join(root, 'epilog'),
      ],
      ...['--cloud-nodes', String(nodes), '--resume-timeout', '20', '--suspend-time', '20'],
      ...['--suspend-timeout', '4', '--requeue-delay', '5', '--extra', join(root, 'extra')],
    ],
    { env },
  );

  const client = { PATH, SLURM_CONF: conf, TZ: 'UTC', HOME: '/tmp' };
  async function look(): Promise<Snapshot> {
    const [squeue, sinfo] = await Promise.all(
      [SQUEUE, SINFO].map(([name = '', ...args]) =>
        program(`/usr/bin/${name}`, args, { env: client }),
      ),
    );
    return snapshotOf(squeue?.stdout ?? '', sinfo?.stdout ?? '');
  }
  function writtenAt(name: string): number {
    return statSync(join(root, 'calls', name)).mtimeMs;
  }
  let latest = await look();
  let isOpen = true;
  const watching = (async () => {
    while (isOpen) {
      latest = await look();
      await pause(200);
    }
  })();

  return {
    slurmConf: conf,
    run: async ([name = '', ...args], user) =>
      await program(`/usr/bin/${name}`, args, {
        env: client,
        cwd: join(root, 'jobs'),
        ...USERS[user],
      }),
    until: async (what, isTrue) => {
      const goal = Date.now() + PATIENCE_SECONDS * 1000;
      while (!isTrue(latest)) {
        if (Date.now() > goal) {
          throw new Error(`lab: never came true: ${what}`);
        }
        await pause(100);
      }
    },
    calls: () =>
      Promise.resolve(
        readdirSync(join(root, 'calls'))
          .filter((name) => name.startsWith('call'))
          .toSorted((a, b) => writtenAt(a) - writtenAt(b))
          .map((name) => parseCall(readFileSync(join(root, 'calls', name), 'utf8'))),
      ),
    boot: async (node) => {
      await mustRun(SLURM_LAB, ['boot', node], { env });
    },
    kill: async (node) => {
      await mustRun(SLURM_LAB, ['kill', node], { env });
    },
    booked: async () => {
      await eventually(
        () => 'slurmctld still has news for slurmdbd',
        async () => {
          const { stdout } = await program('/usr/bin/sdiag', [], { env: client });
          return /^DBD Agent queue size: 0$/mu.test(stdout) ? true : undefined;
        },
        { withinMs: PATIENCE_SECONDS * 1000 },
      );
    },
    onResume: (node, deed) => writeFileSync(join(root, 'deeds', node), deed),
    stop: async () => {
      isOpen = false;
      await watching;
      await mustRun(SLURM_LAB, ['down', '--purge'], { env });
      ports.release();
      rmSync(root, { recursive: true, force: true });
    },
  };
}
