import { formatInstant } from '../../core/slurm/instant.ts';
import { type Cluster, clockOf } from '../cluster.ts';
import type { Happening, World } from '../model/world.ts';
import { programFault } from '../scenario/faults.ts';
import { forgetOldJobs, loadWorld, saveWorld } from '../store/world-store.ts';
import { SECOND, seconds } from '../times.ts';
import { changed } from './lifecycle.ts';
import { type Ended, runProgram, type Start, takeProgram } from './programs.ts';
import { nextEventUs, settle } from './tick.ts';

const LOOK_MS = 50;

export type Print = (line: Happening) => void;

/** How a program is started; as slurmctld does it where nothing else is said. */
export type Play = typeof runProgram;

/**
 * Brings the state to now, event by event; commits before it starts a program, and takes what the
 * program changed as events of the same instant (emulator.md 2).
 */
export async function tick(
  cluster: Cluster,
  print: Print,
  start: Play = runProgram,
): Promise<void> {
  const nowUs = clockOf(cluster.conf);
  for (;;) {
    const begun = cluster.store.exclusively(() => advance(cluster, nowUs));
    for (const line of begun.lines) {
      print(line);
    }
    if (begun.start === undefined) {
      return;
    }
    await play({ cluster, print, run: start }, begun.start, begun.atUs);
  }
}

interface Begun {
  readonly lines: readonly Happening[];
  readonly start: Start | undefined;
  readonly atUs: number;
}

/** Up to the first program that is due, or to now. */
function advance(cluster: Cluster, nowUs: number): Begun {
  const world = loadWorld(cluster.store, cluster.conf, nowUs);
  const lines: Happening[] = [];
  let start: Start | undefined;
  for (;;) {
    settle(world);
    lines.push(...stamped(world));
    start = takeProgram(world);
    const nextUs = nextEventUs(world);
    if (start !== undefined || (world.atUs >= nowUs && nextUs > nowUs)) {
      break;
    }
    world.atUs = Math.max(world.atUs, Math.min(nextUs, nowUs));
  }
  forgetOldJobs(cluster.store, world);
  cluster.store.setMeta('at_us', world.atUs);
  saveWorld(cluster.store, world, world.atUs);
  return { lines, start, atUs: world.atUs };
}

function stamped(world: World): readonly Happening[] {
  const at = instant(world.atUs);
  return world.happenings.splice(0).map((happening) => ({ at, ...happening }));
}

function instant(us: number): string {
  return `${formatInstant(seconds(us))}Z`;
}

interface Stage {
  readonly cluster: Cluster;
  readonly print: Print;
  readonly run: Play;
}

/** One program, with what the scenario does to it; then the job that waited for its epilog goes on. */
async function play(stage: Stage, start: Start, atUs: number): Promise<void> {
  const { cluster, print } = stage;
  const fault = cluster.store.exclusively(() => programFault(cluster.store, start));
  if (fault?.kind === 'late') {
    cluster.store.exclusively(() => postpone(cluster, start, atUs + fault.seconds * SECOND));
    print({ at: instant(atUs), program: start.kind, argv: start.argv, fault: 'late' });
    return;
  }
  const times = fault?.kind === 'twice' ? 2 : 1;
  for (let time = 0; time < times; time += 1) {
    const isSkipped = fault?.kind === 'skip' || fault?.kind === 'exit';
    const ended = isSkipped
      ? { exit: fault.kind === 'exit' ? fault.code : undefined, milliseconds: 0, hasEnded: true }
      : await beside(stage, start, atUs);
    report(cluster, { start, atUs, ended, fault: fault?.kind }, print);
  }
  if (start.kind === 'epilog') {
    cluster.store.exclusively(() => completed(cluster, start, atUs));
  }
}

/** slurmctld runs EpilogSlurmctld beside ResumeProgram, which may wait for a job to come back. */
async function beside(stage: Stage, start: Start, atUs: number): Promise<Ended> {
  const { cluster } = stage;
  const { store, stateDirectory } = cluster;
  const running = stage.run(start, stateDirectory, store.settings().patience);
  let ended: Ended | undefined;
  while (ended === undefined) {
    ended = await Promise.race([running, later(LOOK_MS)]);
    const epilog =
      ended === undefined && start.kind === 'resume' ? owedEpilog(cluster, atUs) : undefined;
    if (epilog !== undefined) {
      await play(stage, epilog, atUs);
    }
  }
  return ended;
}

async function later(milliseconds: number): Promise<undefined> {
  await new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });
}

function owedEpilog(cluster: Cluster, atUs: number): Start | undefined {
  const { store, conf } = cluster;
  return store.exclusively(() => {
    const [due] = store.rows(
      `SELECT id FROM due WHERE kind = 'epilog' AND due_us <= ? LIMIT 1`,
      atUs,
    );
    if (due === undefined) {
      return undefined;
    }
    const world = loadWorld(store, conf, atUs);
    const start = takeProgram(world, ['epilog']);
    saveWorld(store, world, atUs);
    return start;
  });
}

interface Report {
  readonly start: Start;
  readonly atUs: number;
  readonly ended: Ended;
  readonly fault: string | undefined;
}

function report(cluster: Cluster, { start, atUs, ended, fault }: Report, print: Print): void {
  const line: Happening = {
    at: instant(atUs),
    program: start.kind,
    argv: start.argv,
    ...(start.due.jobId === undefined ? {} : { job: start.due.jobId }),
    ...(ended.exit === undefined ? {} : { exit: ended.exit }),
    ...(ended.hasEnded ? {} : { left: 'running' }),
    ...(fault === undefined ? {} : { fault }),
    ms: ended.milliseconds,
  };
  cluster.store.exclusively(() =>
    cluster.store.run('INSERT INTO call (at_us, doc) VALUES (?, ?)', atUs, JSON.stringify(line)),
  );
  print(line);
}

function completed(cluster: Cluster, start: Start, atUs: number): void {
  const world = loadWorld(cluster.store, cluster.conf, atUs);
  const job = world.jobs.get(start.due.jobId ?? 0);
  if (job !== undefined) {
    job.isCompleting = false;
    changed(world, job);
  }
  saveWorld(cluster.store, world, atUs);
}

function postpone(cluster: Cluster, start: Start, dueUs: number): void {
  const world = loadWorld(cluster.store, cluster.conf, dueUs);
  world.due.push({ ...start.due, dueUs, isLate: true });
  saveWorld(cluster.store, world, dueUs);
}
