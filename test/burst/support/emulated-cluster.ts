import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { SlurmCommands } from '../../../src/adapters/slurm/slurm-commands.ts';
import { Fault } from '../../../src/core/errors.ts';
import { openCluster } from '../../../src/emulator/cluster.ts';
import { tick } from '../../../src/emulator/engine/advance.ts';
import type { Start } from '../../../src/emulator/engine/programs.ts';
import { runCommand } from '../../../src/emulator/main.ts';
import { emulate } from '../../../src/emulator/scenario/emulate.ts';
import type { Surroundings } from '../../../src/emulator/surroundings.ts';
import type { Slurm } from '../../../src/ports/slurm.ts';
import type { Run, RunResult } from '../../../src/ports/system.ts';
import { TEST_CLUSTER } from '../../support/ledger.ts';

// The emulator in the test's own process: its commands are called as functions, its programs are the
// product's flows. All that SLURM shows goes through the product's own adapter.

export const GROUPS = ['cpu', 'spot', 'efa', 'run', 'two'] as const;
export const NODES_IN_GROUP = 8;
export const SUSPEND_TIME_S = 60;
export const SUSPEND_TIMEOUT_S = 30;

function nodeLines(): readonly string[] {
  return GROUPS.map((name) => {
    const size = name === 'efa' ? 'CPUs=36 RealMemory=170000' : 'CPUs=4 RealMemory=7000';
    return `NodeName=aws-${name}-[001-00${NODES_IN_GROUP}] ${size} State=CLOUD`;
  });
}

const CONF = [
  `ClusterName=${TEST_CLUSTER}`,
  'SlurmUser=root',
  'PrivateData=cloud',
  'ResumeTimeout=100',
  `SuspendTime=${SUSPEND_TIME_S}`,
  `SuspendTimeout=${SUSPEND_TIMEOUT_S}`,
  'SlurmdTimeout=30',
  'AccountingStorageEnforce=associations',
  'SelectTypeParameters=CR_Core_Memory',
  'DefMemPerCPU=100',
  'SuspendExcNodes=static-1',
  ...['Resume', 'Suspend', 'ResumeFail'].map((name) => `${name}Program=/asbb/${name}`),
  'NodeName=static-1 CPUs=4 RealMemory=4000 State=UNKNOWN',
  ...nodeLines(),
  'PartitionName=static Nodes=static-1 Default=YES MaxTime=INFINITE State=UP',
  `PartitionName=aws Nodes=${GROUPS.map((name) => `aws-${name}-[001-00${NODES_IN_GROUP}]`).join(',')} OverSubscribe=EXCLUSIVE MaxTime=INFINITE State=UP`,
  '# asbb-assoc chem root ada',
  '',
].join('\n');

export interface ShownState {
  readonly next_event: string | null;
  readonly nodes: readonly { name: string; state: string; reason: string; address: string }[];
  readonly jobs: readonly {
    id: number;
    state: string;
    reason: string;
    restarts: number;
    nodes: readonly string[];
    admin_comment: string;
  }[];
}

/** What a command of SLURM does instead of answering, the next so many times. */
interface Silence {
  readonly words: string;
  left: number;
  readonly how: 'exit' | 'garbage' | 'truncate' | 'hang';
}

export class EmulatedCluster {
  readonly slurm: Slurm;
  readonly #directory: string;
  readonly #clock: string;
  readonly #conf: string;
  #silences: Silence[] = [];

  private constructor(directory: string) {
    this.#directory = directory;
    this.#clock = join(directory, 'clock');
    this.#conf = join(directory, 'etc/slurm.conf');
    const run: Run = { run: (file, args) => this.#answer(basename(file), args) };
    this.slurm = new SlurmCommands(run, {
      binPath: '/emulated',
      configPath: this.#conf,
      clusterName: TEST_CLUSTER,
      commandTimeout: 10_000,
    });
  }

  static async start(nowUs: number): Promise<EmulatedCluster> {
    const cluster = new EmulatedCluster(mkdtempSync(join(tmpdir(), 'asbb-emulated-')));
    mkdirSync(join(cluster.#directory, 'etc'));
    cluster.setClock(nowUs);
    const source = join(cluster.#directory, 'source.conf');
    writeFileSync(source, CONF);
    await cluster.emulate('init', cluster.#directory, '--conf', source, '--clock', cluster.#clock);
    return cluster;
  }

  remove(): void {
    rmSync(this.#directory, { recursive: true, force: true });
  }

  setClock(us: number): void {
    writeFileSync(this.#clock, `${us}`);
  }

  /** `scontrol …`, `sbatch …`: its output; an Error when it fails. */
  async command(name: string, ...args: readonly string[]): Promise<string> {
    const { exitCode, stdout, stderr } = await this.#perform((around) =>
      runCommand(name, args, around),
    );
    if (exitCode !== 0) {
      throw new Error(`${name} ${args.join(' ')}: ${stderr}`);
    }
    return stdout;
  }

  async emulate(...args: readonly string[]): Promise<string> {
    const { exitCode, stdout, stderr } = await this.#perform((around) => emulate(args, around));
    if (exitCode !== 0) {
      throw new Error(`emulate ${args.join(' ')}: ${stderr}`);
    }
    return stdout;
  }

  async state(): Promise<ShownState> {
    return JSON.parse(await this.emulate('state')) as ShownState; // the emulator's own JSON
  }

  /** Plays what is due; `program` stands for the executables of slurm.conf. */
  async tick(program: (start: Start) => Promise<number>): Promise<void> {
    const cluster = openCluster(this.#around());
    try {
      await tick(
        cluster,
        () => undefined,
        async (start) => ({ exit: await program(start), milliseconds: 0, hasEnded: true }),
      );
    } finally {
      cluster.store.close();
    }
  }

  /** The next `times` commands that begin like this do not answer. */
  silence(words: string, times: number, how: Silence['how']): void {
    this.#silences.push({ words, left: times, how });
  }

  /** Every fault is gone. */
  heal(): void {
    this.#silences = [];
    const cluster = openCluster(this.#around());
    cluster.store.exclusively(() => cluster.store.run('DELETE FROM fault'));
    cluster.store.close();
  }

  async #answer(name: string, args: readonly string[]): Promise<RunResult> {
    const line = [name, ...args].join(' ');
    const silence = this.#silences.find(({ words, left }) => left > 0 && line.includes(words));
    if (silence === undefined) {
      return await this.#perform((around) => runCommand(name, args, around));
    }
    silence.left -= 1;
    switch (silence.how) {
      case 'exit':
        return {
          exitCode: 1,
          stdout: '',
          stderr: 'slurm_load: Unable to contact slurm controller (connect failure)',
        };
      case 'hang':
        throw new Fault(`${name} did not end in time`, { exitCode: 75 });
      case 'garbage': {
        // What it was told is done: only its words are lost.
        const done = await this.#perform((around) => runCommand(name, args, around));
        return { ...done, stdout: '\u0000\u0001{"garbage": [[[[ %s%n\u001b[31m\n' };
      }
      case 'truncate': {
        const whole = await this.#perform((around) => runCommand(name, args, around));
        return { ...whole, stdout: whole.stdout.slice(0, whole.stdout.length / 2) };
      }
    }
  }

  async #perform(work: (around: Surroundings) => Promise<number>): Promise<RunResult> {
    let stdout = '';
    let stderr = '';
    const around = this.#around(
      (text) => {
        stdout += text;
      },
      (text) => {
        stderr += text;
      },
    );
    return { exitCode: await work(around), stdout, stderr };
  }

  #around(
    out: (text: string) => void = () => undefined,
    err: (text: string) => void = () => undefined,
  ): Surroundings {
    return {
      env: { SLURM_CONF: this.#conf },
      cwd: this.#directory,
      caller: 'root',
      self: [process.execPath, 'src/main.ts'],
      out,
      err,
    };
  }
}
