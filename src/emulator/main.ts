import { type Cluster, openCluster } from './cluster.ts';
import { sacct } from './commands/sacct.ts';
import { sacctmgr } from './commands/sacctmgr.ts';
import { scancel } from './commands/scancel.ts';
import { scontrol } from './commands/scontrol.ts';
import { sinfo } from './commands/sinfo.ts';
import { squeue } from './commands/squeue.ts';
import { Complaint } from './complaint.ts';
import { emulate } from './scenario/emulate.ts';
import { commandFault, type Deed } from './scenario/faults.ts';
import { sbatch } from './submit/sbatch.ts';
import { realSurroundings, type Surroundings } from './surroundings.ts';

/** Names of the links in an emulated cluster's bin directory. */
const LINKS = ['sacct', 'sacctmgr', 'scontrol', 'squeue', 'sinfo', 'sbatch', 'scancel'];

/** One of the seven commands, called by its name. Returns the exit code. */
export async function emulatorMain(name: string, args: readonly string[]): Promise<number> {
  return await runCommand(name, args, realSurroundings());
}

/** `asbb emulate …`. Returns the exit code. */
export async function emulateMain(args: readonly string[]): Promise<number> {
  const surroundings = realSurroundings();
  const [verb = '', name = '', ...rest] = args;
  if (verb === 'call' && LINKS.includes(name)) {
    return await runCommand(name, rest, surroundings); // where a link cannot name the program
  }
  return await guarded(surroundings, () => emulate(args, surroundings));
}

export async function runCommand(
  name: string,
  args: readonly string[],
  surroundings: Surroundings,
): Promise<number> {
  return await guarded(surroundings, async () => {
    const cluster = openCluster(surroundings);
    try {
      return await answer(cluster, name, args);
    } finally {
      cluster.store.close();
    }
  });
}

/** A complaint is a sentence on stderr and its exit code; anything else is our own mistake. */
async function guarded(surroundings: Surroundings, work: () => Promise<number>): Promise<number> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Complaint) {
      surroundings.err(error.message === '' ? '' : `${error.message}\n`);
      return error.exitCode;
    }
    throw error;
  }
}

async function answer(cluster: Cluster, name: string, args: readonly string[]): Promise<number> {
  const fault = cluster.store.exclusively(() => commandFault(cluster.store, name, args));
  switch (fault?.kind) {
    case 'hang':
      return await hang();
    case 'exit':
      return fault.code;
    case 'skip':
      return 0;
    case 'late':
      await pause(fault.seconds);
      break;
    default:
  }
  const text = perform(cluster, name, args, fault?.kind === 'lag' ? fault.seconds : 0);
  cluster.surroundings.out(spoiled(text, fault));
  return 0;
}

function perform(
  cluster: Cluster,
  name: string,
  args: readonly string[],
  lagSeconds: number,
): string {
  switch (name) {
    case 'sacct':
      return sacct(cluster, args, lagSeconds);
    case 'sacctmgr':
      return sacctmgr(cluster, args);
    case 'scontrol':
      return scontrol(cluster, args);
    case 'squeue':
      return squeue(cluster, args);
    case 'sinfo':
      return sinfo(cluster, args);
    case 'sbatch':
      return sbatch(cluster, args);
    case 'scancel':
      return scancel(cluster, args);
    default:
      throw new Complaint(`asbb: not a command of SLURM: ${name}`);
  }
}

function spoiled(text: string, fault: Deed | undefined): string {
  switch (fault?.kind) {
    case 'garbage':
      return '\u0000\u0001{"garbage": [[[[ %s%n\u001b[31m\n';
    case 'truncate':
      return Buffer.from(text).subarray(0, fault.bytes).toString();
    default:
      return text;
  }
}

async function pause(waitSeconds: number): Promise<void> {
  await new Promise((resolve) => {
    setTimeout(resolve, waitSeconds * 1000);
  });
}

/** Until somebody ends it. */
async function hang(): Promise<never> {
  return await new Promise(() => {
    setInterval(() => undefined, 3_600_000);
  });
}
