import { type Outcome, untilHeard } from '../support/programs.ts';
import type { Capacity, Day, Fault, Step } from './day.ts';

/** Where a day is played: the emulator with its virtual clock, or a real SLURM. */
export interface Stage {
  readonly title: string;
  /** Brings the cluster to this instant (RFC 3339); with a real clock there is nothing to do. */
  until(instant: string): Promise<void>;
  /** Runs a command as operator (the SlurmUser), alice or bob, where the day's scripts lie. */
  run(as: string, words: readonly string[]): Promise<Outcome>;
  capacity(change: Capacity): Promise<void>;
  fault(fault: Fault): Promise<void>;
  /** Waits until sacct shows the state; throws with what it shows instead. */
  expectState(jobId: string, state: string): Promise<void>;
  /** Lets the day end: every node powered down, every hold settled. */
  settle(): Promise<void>;
}

/** Whoever listens: the demo prints, the tests collect. */
export interface Audience {
  say(time: string | undefined, text: string): void;
  command(as: string, words: readonly string[]): void;
  output(text: string): void;
  progress(text: string): void;
}

const JOB_ID = /Submitted batch job (\d+)/u;
const NAMED = /\$\{(\w+)\}/gu;

/** The ids of the jobs that the day calls by name. */
export type JobNames = Map<string, string>;

function withIds(text: string, jobs: JobNames): string {
  return text.replaceAll(NAMED, (_whole, name: string) => {
    const id = jobs.get(name);
    if (id === undefined) {
      throw new Error(`no earlier step submits a job called ${name}`);
    }
    return id;
  });
}

async function command(step: Step, stage: Stage, jobs: JobNames, to: Audience): Promise<void> {
  const as = step.as ?? 'operator';
  const words = withIds(step.run ?? '', jobs).split(' ');
  to.command(as, words);
  const { code, stdout, stderr } = await untilHeard(() => stage.run(as, words));
  const shown = `${stdout}${stderr}`.trimEnd();
  to.output(shown);
  if (code !== step.exit) {
    throw new Error(`exit code ${code}, not ${step.exit}: ${words.join(' ')}\n${shown}`);
  }
  if (step.shows !== undefined && !shown.includes(step.shows)) {
    throw new Error(`the answer lacks "${step.shows}": ${shown}`);
  }
  if (step.job !== undefined) {
    const id = JOB_ID.exec(shown)?.[1];
    if (id === undefined) {
      throw new Error(`no job id in: ${shown}`);
    }
    jobs.set(step.job, id);
  }
}

async function happen(step: Step, stage: Stage, jobs: JobNames, to: Audience): Promise<void> {
  if (step.fake !== undefined) {
    const { type, market, set } = step.fake.capacity;
    to.output(`fake cloud: ${set} ${market} instances of ${type} left in each zone`);
    await stage.capacity(step.fake.capacity);
  }
  if (step.fault !== undefined) {
    to.output(`fault: the ${step.fault.on} of job ${withIds(step.fault.job, jobs)} is lost`);
    await stage.fault({ ...step.fault, job: withIds(step.fault.job, jobs) });
  }
  if (step.expect !== undefined) {
    const id = withIds(`\${${step.expect.job}}`, jobs);
    to.progress(`waiting for job ${id} to be ${step.expect.state}`);
    await stage.expectState(id, step.expect.state);
    to.output(`job ${id} (${step.expect.job}) is ${step.expect.state}`);
  }
}

/** Plays the steps in order; throws where the day does not go as written. Returns the jobs' ids. */
export async function play(day: Day, stage: Stage, to: Audience): Promise<JobNames> {
  const jobs: JobNames = new Map();
  for (const step of day.steps) {
    if (step.at !== undefined) {
      to.progress(`until ${step.at}`);
      await stage.until(`${day.date}T${step.at}:00Z`);
    }
    if (step.say !== undefined) {
      to.say(step.at, step.say);
    }
    if (step.run !== undefined) {
      await command(step, stage, jobs, to);
    }
    await happen(step, stage, jobs, to);
  }
  to.progress('until every node is powered down and every hold settled');
  await stage.settle();
  return jobs;
}
