import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { compressNodelist } from '../../core/slurm/nodelist.ts';
import type { ProgramPaths } from '../conf/slurm-conf.ts';
import { isWholeNodes } from '../model/needs.ts';
import { type DueProgram, owe, type ProgramKind, type World } from '../model/world.ts';
import { SECOND } from '../times.ts';
import { poweringDown, poweringUp, resumable } from './power.ts';

/** A program with everything it is started with. */
export interface Start {
  readonly kind: ProgramKind;
  readonly due: DueProgram;
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Text of SLURM_RESUME_FILE, for ResumeProgram only. */
  readonly resumeFile: string | undefined;
}

export interface Ended {
  /** undefined: killed, or still running when our patience ended. */
  readonly exit: number | undefined;
  readonly milliseconds: number;
  readonly hasEnded: boolean;
}

const ORDER: readonly ProgramKind[] = ['prolog', 'epilog', 'resume-fail', 'suspend', 'resume'];

const PATHS: Readonly<Record<ProgramKind, keyof ProgramPaths>> = {
  prolog: 'prolog',
  epilog: 'epilog',
  'resume-fail': 'resumeFail',
  suspend: 'suspend',
  resume: 'resume',
};

/** The next program that is due, its nodes marked as being powered up or down; undefined: none. */
export function takeProgram(
  world: World,
  kinds: readonly ProgramKind[] = ORDER,
): Start | undefined {
  for (const kind of kinds) {
    for (const due of world.due.filter((each) => each.kind === kind && each.dueUs <= world.atUs)) {
      world.due.splice(world.due.indexOf(due), 1);
      const taken = take(world, due);
      if (taken !== undefined) {
        return taken;
      }
    }
  }
  return undefined;
}

function take(world: World, due: DueProgram): Start | undefined {
  const { conf } = world;
  const path = conf.programs[PATHS[due.kind]];
  if (path === '') {
    return undefined;
  }
  if (due.jobId !== undefined) {
    return { kind: due.kind, due, argv: [path], env: due.env, resumeFile: undefined };
  }
  const nodes = markedNodes(world, due);
  if (nodes.length === 0) {
    return undefined;
  }
  return {
    kind: due.kind,
    due: { ...due, nodes },
    argv: [path, compressNodelist(nodes)],
    env: { SLURM_CONF: conf.path },
    resumeFile: due.kind === 'resume' ? resumeFile(world, nodes) : undefined,
  };
}

/** The nodes that the call is about, their power now on its way up or down. */
function markedNodes(world: World, due: DueProgram): readonly string[] {
  if (due.isLate === true) {
    return due.nodes;
  }
  const wanted = due.kind === 'resume' ? resumable(world, due.nodes) : due.nodes;
  const nodes = thisMinutes(world, due, wanted);
  for (const name of nodes) {
    MARK[due.kind]?.(world, name);
  }
  return nodes;
}

/** ResumeRate and SuspendRate: so many nodes now, the others a minute later. */
function thisMinutes(world: World, due: DueProgram, nodes: readonly string[]): readonly string[] {
  const { resumeRate, suspendRate } = world.conf;
  const rates: Readonly<Partial<Record<ProgramKind, number>>> = {
    resume: resumeRate,
    suspend: suspendRate,
  };
  const rate = rates[due.kind] ?? 0;
  if (rate === 0 || nodes.length <= rate) {
    return nodes;
  }
  owe(world, due.kind, world.atUs + 60 * SECOND, { nodes: nodes.slice(rate) });
  return nodes.slice(0, rate);
}

const MARK: Readonly<Partial<Record<ProgramKind, (world: World, name: string) => void>>> = {
  resume: poweringUp,
  suspend: poweringDown,
};

/** burst.md 7.2: only the nodes to resume in 22.05, the whole allocation too in 23.02. */
function resumeFile(world: World, names: readonly string[]): string {
  const jobs = [...world.jobs.values()]
    .filter((job) => job.state === 'RUNNING' && job.nodes.some((name) => names.includes(name)))
    .toSorted((a, b) => a.id - b.id);
  const listed = jobs.map((job) => {
    const nodes = compressNodelist(job.nodes.filter((name) => names.includes(name)));
    return world.settings.resume_file === '22.05'
      ? { job_id: job.id, nodes }
      : {
          job_id: job.id,
          nodes_alloc: compressNodelist(job.nodes),
          nodes_resume: nodes,
          oversubscribe: isWholeNodes(world, job) ? 'NO' : 'OK',
          partition: job.partition,
          features: job.spec.features.length === 0 ? null : job.spec.features.join('&'),
          extra: null,
          reservation: null,
        };
  });
  const all = compressNodelist(names);
  return JSON.stringify(
    world.settings.resume_file === '22.05'
      ? { jobs: listed, all_nodes: all }
      : { all_nodes_resume: all, jobs: listed },
  );
}

/**
 * Runs it exactly as slurmctld does (burst.md 7.1): fds 0 to 2 closed (the epilog has them open), cwd /,
 * umask 022, only the named variables. Waits `patience` seconds of real time, then leaves it running.
 */
export async function runProgram(
  start: Start,
  stateDirectory: string,
  patience: number,
): Promise<Ended> {
  const folder =
    start.resumeFile === undefined ? undefined : mkdtempSync(join(stateDirectory, 'resume-'));
  const file = folder === undefined ? undefined : join(folder, 'file');
  if (file !== undefined) {
    writeFileSync(file, start.resumeFile ?? '');
  }
  const env = { ...start.env, ...(file === undefined ? {} : { SLURM_RESUME_FILE: file }) };
  const begun = performance.now();
  const child = spawnBare(start, env);
  const exit = await patiently(child, patience);
  if (folder !== undefined) {
    rmSync(folder, { recursive: true, force: true });
  }
  return {
    exit: exit.code ?? undefined,
    hasEnded: exit.hasEnded,
    milliseconds: Math.round(performance.now() - begun),
  };
}

// spawn() cannot close fds 0 to 2, and sh adds PWD to the environment: hence sh for the one and env for
// the other. The words of the program come as arguments, never as text of the script.
const HOOK = 'cd / && umask 022 && exec /usr/bin/env -i "$@" <&- >&- 2>&-';
const OPEN = 'cd / && umask 022 && exec /usr/bin/env -i "$@"';

function spawnBare(start: Start, env: Readonly<Record<string, string>>): ChildProcess {
  const isOpen = start.kind === 'epilog' || start.kind === 'prolog';
  const words = Object.entries(env).map(([key, value]) => `${key}=${value}`);
  return spawn('/bin/sh', ['-c', isOpen ? OPEN : HOOK, 'sh', ...words, ...start.argv], {
    env: {},
    stdio: 'ignore',
    detached: true, // a program that outlives our patience must not die with us
  });
}

interface Exit {
  readonly code: number | null;
  readonly hasEnded: boolean;
}

async function patiently(child: ChildProcess, patience: number): Promise<Exit> {
  return await new Promise((resolve) => {
    const timer = setTimeout(() => {
      child.unref();
      resolve({ code: null, hasEnded: false });
    }, patience * 1000);
    function finish(code: number | null): void {
      clearTimeout(timer);
      resolve({ code, hasEnded: true });
    }
    child.once('error', () => finish(127));
    child.once('exit', (code) => finish(code));
  });
}
