import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Complaint } from '../../src/emulator/complaint.ts';
import { runCommand } from '../../src/emulator/main.ts';
import { emulate } from '../../src/emulator/scenario/emulate.ts';
import type { Surroundings } from '../../src/emulator/surroundings.ts';

export interface Answer {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** An emulated cluster in a temporary directory, with a clock that the test moves. */
export interface Site {
  readonly directory: string;
  readonly bin: string;
  /** One of the seven commands, as a user (the operator when none is named). */
  slurm(line: string, user?: string): Promise<Answer>;
  /** The same with an argument vector. */
  words(name: string, args: readonly string[], user?: string): Promise<Answer>;
  /** `asbb emulate …` */
  emulate(...args: readonly string[]): Promise<Answer>;
  /** The same, where asbb is another program. */
  emulateAs(self: readonly string[], ...args: readonly string[]): Promise<Answer>;
  /** Moves the clock by so many seconds and plays what was due, event by event. */
  pass(seconds: number): Promise<void>;
  tick(): Promise<readonly Record<string, unknown>[]>;
  setClock(us: number): void;
  nowUs(): number;
  /** A program of slurm.conf: a shell script whose text may use $CALLS, the file of all calls. */
  calls(): string;
  state(): Promise<State>;
  stop(): void;
}

export interface State {
  readonly next_event: string | null;
  readonly nodes: readonly { name: string; state: string; reason: string; address: string }[];
  readonly jobs: readonly { id: number; state: string; nodes: readonly string[] }[];
  readonly programs: readonly { program: string; argv: readonly string[]; exit?: number }[];
}

export interface SiteOptions {
  readonly conf?: string;
  /** Bodies of the programs, by their key in slurm.conf. */
  readonly programs?: Readonly<Record<string, string>>;
  readonly settings?: Readonly<Record<string, string>>;
  readonly user?: string;
  /** Where the commands are called; need not exist. */
  readonly cwd?: string;
}

export const START_US = Date.parse('2026-01-05T09:00:00Z') * 1000;

const NODES = `
NodeName=static-1 CPUs=4 RealMemory=4000 State=UNKNOWN
NodeName=cloud-[1-8] CPUs=4 RealMemory=8000 Feature=cloud,c5.xlarge Weight=10 State=CLOUD
NodeName=gpu-[1-4] CPUs=8 RealMemory=32000 Gres=gpu:2 Feature=cloud,gpu Weight=20 State=CLOUD
PartitionName=static Nodes=static-1 Default=YES MaxTime=INFINITE State=UP
PartitionName=cloud Nodes=cloud-[1-8] MaxTime=INFINITE State=UP
PartitionName=gpu Nodes=gpu-[1-4] MaxTime=INFINITE State=UP
# asbb-assoc research root
# asbb-assoc physics research alice,bob
# asbb-assoc chemistry research bob
`;

export const BASIC = `ClusterName=lab
GresTypes=gpu
SelectTypeParameters=CR_Core_Memory
AccountingStorageEnforce=associations
AccountingStorageTRES=gres/gpu
DefMemPerCPU=100
PrivateData=cloud
ResumeTimeout=20
SuspendTime=12
SuspendTimeout=6
SlurmdTimeout=30
SuspendExcNodes=static-1
${NODES}`;

const ENTRY = resolve('src/main.ts');

export async function makeSite(options: SiteOptions = {}): Promise<Site> {
  const directory = mkdtempSync(join(tmpdir(), 'asbb-emulator-'));
  const calls = join(directory, 'calls');
  const clock = join(directory, 'clock');
  const path = join(directory, 'etc/slurm.conf');
  const user = options.user ?? 'root';
  mkdirSync(join(directory, 'programs'));
  writeFileSync(clock, String(START_US));
  writeFileSync(calls, '');
  const lines = Object.entries(options.programs ?? {}).map(([key, body]) => {
    const program = join(directory, 'programs', key);
    writeFileSync(program, `#!/bin/sh\nCALLS=${calls}\nBIN=${directory}/bin\n${body}\n`);
    chmodSync(program, 0o755);
    return `${key}=${program}`;
  });
  const source = join(directory, 'slurm.conf');
  writeFileSync(source, [options.conf ?? BASIC, `SlurmUser=${user}`, ...lines, ''].join('\n'));

  async function perform(
    work: (surroundings: Surroundings) => Promise<number>,
    caller?: string,
  ): Promise<Answer> {
    let stdout = '';
    let stderr = '';
    const surroundings: Surroundings = {
      env: { SLURM_CONF: path, ...(caller === undefined ? {} : { ASBB_EMULATE_USER: caller }) },
      cwd: options.cwd ?? directory,
      caller: user,
      self: [process.execPath, ENTRY],
      out: (text) => {
        stdout += text;
      },
      err: (text) => {
        stderr += text;
      },
    };
    try {
      const code = await work(surroundings);
      return { code, stdout, stderr };
    } catch (error) {
      if (error instanceof Complaint) {
        return { code: error.exitCode, stdout, stderr: `${stderr}${error.message}\n` };
      }
      throw error;
    }
  }
  const site: Site = {
    directory,
    bin: join(directory, 'bin'),
    words: (name, args, caller) => perform((world) => runCommand(name, args, world), caller),
    slurm: (line, caller) => {
      const [name = '', ...args] = line.split(' ').map((word) => word.replaceAll('\u00a0', ' '));
      return site.words(name, args, caller);
    },
    emulate: (...args) => perform((world) => emulate(args, world)),
    emulateAs: (self, ...args) => perform((world) => emulate(args, { ...world, self })),
    nowUs: () => Number(readFileSync(clock, 'utf8')),
    setClock: (us) => writeFileSync(clock, String(us)),
    tick: async () => {
      const { stdout: text } = await succeed(site.emulate('tick'));
      return text
        .split('\n')
        .filter(Boolean)
        .map((line): Record<string, unknown> => JSON.parse(line));
    },
    pass: async (seconds) => {
      const goal = site.nowUs() + seconds * 1_000_000;
      for (;;) {
        await site.tick();
        const { next_event: next } = await site.state();
        const dueUs = next === null ? goal : Date.parse(next) * 1000;
        site.setClock(Math.min(goal, Math.max(dueUs, site.nowUs() + 1)));
        if (site.nowUs() >= goal) {
          await site.tick();
          return;
        }
      }
    },
    calls: () => readFileSync(calls, 'utf8'),
    state: async () => JSON.parse((await succeed(site.emulate('state'))).stdout) as State, // our own JSON
    stop: () => rmSync(directory, { recursive: true, force: true }),
  };
  try {
    await succeed(site.emulate('init', directory, '--conf', source, '--clock', clock));
    for (const [key, value] of Object.entries(options.settings ?? {})) {
      await succeed(site.emulate('set', key, value));
    }
  } catch (error) {
    site.stop();
    throw error;
  }
  return site;
}

export async function succeed(asked: Promise<Answer>): Promise<Answer> {
  const answer = await asked;
  if (answer.code !== 0) {
    throw new Error(`exit code ${answer.code}: ${answer.stderr}${answer.stdout}`);
  }
  return answer;
}
