import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArray } from '../../core/slurm/array.ts';
import { compressNodelist } from '../../core/slurm/nodelist.ts';
import { add, type Cluster, clockOf, look } from '../cluster.ts';
import { Complaint } from '../complaint.ts';
import { tell } from '../engine/lifecycle.ts';
import { place } from '../engine/place.ts';
import type { Job } from '../model/job.ts';
import { happened, type World } from '../model/world.ts';
import { type Given, parseOptions } from '../options.ts';
import { showTime } from '../times.ts';
import { admit, defaultAccount, MESSAGES, type Refusal } from './admission.ts';
import { newJob, type Submission } from './new-job.ts';
import { submitRequest } from './request.ts';
import { readScript, type Script } from './script.ts';
import { ask, failOf, readShim, type Verdict, withToken } from './shim.ts';
import { inherit, SBATCH_OPTIONS, wishOf } from './wish.ts';

interface Call {
  readonly components: readonly ReadonlyMap<string, string>[];
  readonly script: Script;
  /** `Command=`: the path and its arguments; empty for --wrap. */
  readonly command: string;
}

/** sbatch: the job_submit plugin first, then SLURM's own checks, as slurmctld does. */
export function sbatch(cluster: Cluster, args: readonly string[]): string {
  const call = readCall(cluster, args);
  const first = call.components[0] ?? new Map<string, string>();
  const isTest = first.has('test-only');
  const nowUs = clockOf(cluster.conf);
  const submitter = cluster.store.person(first.get('uid') ?? cluster.user);
  const submissions = call.components.map((options, offset) => ({
    wish: wishOf(options, nowUs),
    submitter,
    script: call.script,
    command: call.command,
    cwd: cluster.surroundings.cwd,
    hetOffset: call.components.length > 1 ? offset : undefined,
    isWrapped: call.command === '',
  }));
  const verdicts = submissions.map((submission) => decide(cluster, submission));
  refuseIfAny(cluster, verdicts, isTest);
  const jobs = enter(cluster, submissions, verdicts, isTest);
  showTexts(cluster, verdicts, '');
  const id = jobs[0]?.id ?? 0;
  if (isTest) {
    cluster.surroundings.err(testText(cluster, jobs));
    return '';
  }
  return first.has('parsable') ? `${id}\n` : `Submitted batch job ${id}\n`;
}

/** The plugin's answer for one component. */
interface Decided extends Verdict {
  readonly hetOffset: number | undefined;
}

function decide(cluster: Cluster, submission: Submission): Decided {
  const { conf } = cluster;
  const { wish, submitter, hetOffset } = submission;
  const partitions = wish.partitions ?? defaultPartitions(cluster);
  const shim = readShim(cluster);
  const fail = shim === undefined ? undefined : failOf(shim, partitions);
  if (shim === undefined || fail === undefined) {
    return { code: 'SUCCESS', text: '', token: undefined, hetOffset };
  }
  const asked = {
    uid: submitter.uid,
    user: submitter.name,
    defaultAccount: defaultAccount(conf, submitter.name),
    partitions,
    jobName: nameOf(submission),
  };
  return { ...ask(cluster, shim, fail, submitRequest(conf, wish, asked, hetOffset)), hetOffset };
}

function refuseIfAny(cluster: Cluster, verdicts: readonly Decided[], isTest: boolean): void {
  const refused = verdicts.find((verdict) => verdict.code !== 'SUCCESS');
  if (refused !== undefined) {
    showTexts(cluster, verdicts, 'error: ');
    throw new Complaint(sentence(refused.code, isTest));
  }
}

/** What the plugin told the user, each line by itself; a het component names itself. */
function showTexts(cluster: Cluster, verdicts: readonly Decided[], mark: string): void {
  for (const { text, hetOffset } of verdicts) {
    for (const line of text === '' ? [] : text.split('\n')) {
      const who = hetOffset === undefined ? '' : `${hetOffset}: `;
      cluster.surroundings.err(`sbatch: ${mark}${who}${line}\n`);
    }
  }
}

function sentence(code: string, isTest: boolean): string {
  const message = MESSAGES[code] ?? code;
  return isTest
    ? `allocation failure: ${message}`
    : `sbatch: error: Batch job submission failed: ${message}`;
}

function enter(
  cluster: Cluster,
  submissions: readonly Submission[],
  verdicts: readonly Decided[],
  isTest: boolean,
): readonly Job[] {
  return add(cluster, (world) => {
    const jobs = records(cluster, world, submissions, verdicts);
    for (const job of jobs) {
      checkArray(cluster, job, submissions, isTest);
      refuse(cluster, admit(world, job, isTest), isTest);
    }
    const text = submissions[0]?.script.text ?? '';
    for (const job of isTest ? [] : jobs) {
      enqueue(world, job);
      cluster.store.run('INSERT INTO script VALUES (?, ?)', job.id, text);
    }
    return jobs;
  });
}

function records(
  cluster: Cluster,
  world: World,
  submissions: readonly Submission[],
  verdicts: readonly Decided[],
): readonly Job[] {
  const leader = world.counters.jobId;
  const isHet = submissions.length > 1;
  return submissions.map((submission, index) => {
    const job = newJob(world, submission, {
      partitions: submission.wish.partitions ?? defaultPartitions(cluster),
      name: nameOf(submission),
      het: isHet ? { jobId: leader, offset: index, size: submissions.length } : undefined,
    });
    const token = verdicts[index]?.token;
    job.adminComment = token === undefined ? '' : withToken('', token);
    return job;
  });
}

function enqueue(world: World, job: Job): void {
  world.jobs.set(job.id, job);
  happened(world, 'submitted', { job: job.id });
  tell(world, job);
}

function checkArray(
  cluster: Cluster,
  job: Job,
  submissions: readonly Submission[],
  isTest: boolean,
): void {
  const text = submissions[0]?.wish.array;
  if (
    text !== undefined &&
    (parseArray(text, cluster.conf.maxArraySize) === undefined || job.het)
  ) {
    throw new Complaint(sentence('ESLURM_INVALID_ARRAY', isTest));
  }
}

function refuse(cluster: Cluster, found: Refusal | undefined, isTest: boolean): void {
  if (found !== undefined) {
    for (const line of found.before) {
      cluster.surroundings.err(`sbatch: error: ${line}\n`);
    }
    throw new Complaint(sentence(found.code, isTest));
  }
}

function testText(cluster: Cluster, jobs: readonly Job[]): string {
  return look(cluster, (world, nowUs) =>
    jobs
      .map((job) => {
        const names = world.conf.partitions.get(job.partition)?.nodes ?? [];
        const shares = place(world, job, names) ?? {};
        const cpus = Object.values(shares).reduce((sum, share) => sum + share.cpus, 0);
        const nodes = compressNodelist(Object.keys(shares));
        return `sbatch: Job ${job.id} to start at ${showTime(nowUs)} using ${cpus} processors on nodes ${nodes} in partition ${job.partition}\n`;
      })
      .join(''),
  );
}

function defaultPartitions({ conf }: Cluster): readonly string[] {
  return [...conf.partitions.values()].filter((each) => each.isDefault).map((each) => each.name);
}

function nameOf({ wish, isWrapped, command }: Submission): string {
  const file = command.split(' ')[0]?.split('/').at(-1) ?? '';
  return wish.name ?? (isWrapped ? 'wrap' : file);
}

/** Words before the script, cut at `:` into components; options of the script stand behind those. */
function readCall(cluster: Cluster, args: readonly string[]): Call {
  const given = cutComponents(args);
  const last = given.at(-1);
  const wrapped = given.find(({ options }) => options.has('wrap'))?.options.get('wrap');
  const path = last?.words[0];
  const { text, command } = readText(cluster, wrapped, path, last?.words ?? []);
  const script = readScript(text);
  const inFile = script.directives.map(
    (words) => parseOptions('sbatch', words, SBATCH_OPTIONS).options,
  );
  const count = Math.max(given.length, inFile.length);
  const components = Array.from({ length: count }, (_, index) => {
    const own = new Map([...(inFile[index] ?? []), ...(given[index]?.options ?? [])]);
    const first = new Map([...(inFile[0] ?? []), ...(given[0]?.options ?? [])]);
    return index === 0 ? own : inherit(first, own);
  });
  return { components, script, command };
}

function cutComponents(args: readonly string[]): readonly Given[] {
  const given: Given[] = [];
  let rest = args;
  for (;;) {
    const parsed = parseOptions('sbatch', rest, SBATCH_OPTIONS, true);
    if (parsed.words[0] !== ':') {
      return [...given, parsed];
    }
    given.push({ options: parsed.options, words: [] });
    rest = parsed.words.slice(1);
  }
}

function readText(
  cluster: Cluster,
  wrapped: string | undefined,
  path: string | undefined,
  words: readonly string[],
): { readonly text: string; readonly command: string } {
  if (wrapped !== undefined) {
    return {
      text: `#!/bin/sh\n# This script was created by sbatch --wrap.\n\n${wrapped}\n`,
      command: '',
    };
  }
  if (path === undefined) {
    throw new Complaint('sbatch: error: Batch script is empty!');
  }
  const file = resolve(cluster.surroundings.cwd, path);
  const text = readIfThere(file);
  if (text === undefined) {
    throw new Complaint(`sbatch: error: Unable to open file ${path}`);
  }
  return { text, command: [file, ...words.slice(1)].join(' ') };
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
