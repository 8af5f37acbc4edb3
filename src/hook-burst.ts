import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { ResumeFile } from '../schema/slurm/resume-file.ts';
import type { Settings } from './core/config/settings.ts';
import { EXIT, type ExitCode, exitCodeOf, Fault, isRefused, type Refused } from './core/errors.ts';
import { expandNodelist, isNodelistError } from './core/slurm/nodelist.ts';
import { type ResumeJob, resumeJobs } from './core/slurm/resume-file.ts';
import { reboot } from './flows/reboot.ts';
import { resume } from './flows/resume.ts';
import { resumeFail } from './flows/resume-fail.ts';
import { suspend } from './flows/suspend.ts';
import type { Log } from './ports/system.ts';
import {
  type BurstWiring,
  hookBurstWiring,
  lastResortSlurm,
  resumeFilePath,
} from './wiring/burst.ts';
import { hookSettings, lastResortLog, tidy } from './wiring/hot.ts';

// ResumeProgram, SuspendProgram, ResumeFailProgram, RebootProgram, PrologSlurmctld: slurmctld does not
// wait for them, so they may load the AWS SDK. Their stdout and stderr stay silent (burst.md 7.1).

interface Words {
  readonly event: string;
  readonly config: string | undefined;
  readonly nodeList: string;
}

const FILE_BYTES_MAX = 64 * 1024 * 1024;
const GIVE_BACK_TRIES = 2;

/** `resume [--config FILE | --config=FILE] NODELIST` */
function parseWords(args: readonly string[]): Words {
  const rest: string[] = [];
  let config: string | undefined;
  for (let at = 0; at < args.length; at += 1) {
    const word = args[at] ?? '';
    if (word === '--config' || word === '-c') {
      at += 1;
      config = args[at] ?? '';
    } else if (word.startsWith('--config=')) {
      config = word.slice('--config='.length);
    } else {
      rest.push(word);
    }
  }
  return { event: rest[0] ?? '', config, nodeList: rest[1] ?? '' };
}

interface ResumeText {
  readonly jobs: readonly ResumeJob[] | undefined;
  readonly entryOf: (jobId: number) => string;
}

const NO_FILE: ResumeText = { jobs: undefined, entryOf: () => '' };

/** A memory file of slurmctld that is gone soon: read before anything else (burst.md 7.1, F4). */
function readResumeFile(path: string | undefined): string {
  if (path === undefined || path === '') {
    return '';
  }
  try {
    const fd = openSync(path, 'r');
    try {
      return fstatSync(fd).size > FILE_BYTES_MAX ? '' : readFileSync(fd, 'utf8');
    } finally {
      closeSync(fd);
    }
  } catch {
    return ''; // then squeue is asked
  }
}

/** Whatever it holds that is none of the two formats counts as no file at all. */
function parseResumeFile(text: string): ResumeText {
  let raw: unknown;
  try {
    raw = text === '' ? undefined : JSON.parse(text);
  } catch {
    return NO_FILE;
  }
  const parsed = ResumeFile.safeParse(raw);
  const jobs = parsed.success ? resumeJobs(parsed.data) : undefined;
  if (!parsed.success || jobs === undefined) {
    return NO_FILE;
  }
  const entries = new Map(parsed.data.jobs.map((job) => [job.job_id, JSON.stringify(job)]));
  return { jobs, entryOf: (jobId) => entries.get(jobId) ?? '' };
}

/** Without its configuration a hook can still give the nodes back, so that no gang hangs (CMD-3). */
async function giveBackBlindly(nodeList: string, log: Log): Promise<void> {
  const nodes = expandNodelist(nodeList);
  if (isNodelistError(nodes) || nodes.length === 0) {
    return;
  }
  const slurm = lastResortSlurm();
  for (let tries = 1; tries <= GIVE_BACK_TRIES; tries += 1) {
    try {
      await slurm.setNodeState(nodeList, 'power_down_force', 'asbb: config error');
      return;
    } catch (error) {
      log.write('error', 'power_down_failed', { node: nodeList, msg: messageOf(error) });
    }
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

async function settingsFor(words: Words): Promise<Settings> {
  try {
    return await hookSettings(words.config);
  } catch (error) {
    const isRefusal = error instanceof Fault && error.exitCode === EXIT.refused;
    if (!isRefusal && words.event === 'resume') {
      await giveBackBlindly(words.nodeList, lastResortLog(true));
      throw new Fault(messageOf(error), { cause: error, exitCode: EXIT.usage });
    }
    throw error;
  }
}

type Outcome = Refused | { readonly exitCode: ExitCode };

async function answer(words: Words, file: string, ports: BurstWiring): Promise<Outcome> {
  const { nodeList } = words;
  switch (words.event) {
    case 'resume':
      return await resume({ nodeList, ...parseResumeFile(file) }, ports);
    case 'suspend':
      return await suspend(nodeList, ports);
    case 'resume-fail':
      return await resumeFail(nodeList, ports);
    case 'reboot':
      return await reboot(nodeList, ports);
    case 'prolog':
      return { exitCode: EXIT.ok }; // kept out of the money path (burst.md 7.1)
    default:
      throw new Fault(`no such hook: ${words.event}`, { exitCode: EXIT.usage });
  }
}

async function run(words: Words, file: string): Promise<ExitCode> {
  const ports = hookBurstWiring(await settingsFor(words), words.event);
  try {
    const outcome = await answer(words, file, ports);
    if (!isRefused(outcome)) {
      return outcome.exitCode;
    }
    ports.log.write('error', 'hook_refused', { hook: words.event, msg: outcome.text });
    return exitCodeOf(outcome.code);
  } catch (error) {
    return failed(ports.log, words.event, error);
  } finally {
    ports.close();
  }
}

function failed(log: Log, event: string, error: unknown): ExitCode {
  const isFault = error instanceof Fault;
  log.write('error', 'hook_failed', {
    hook: event,
    exit_code: isFault ? error.exitCode : EXIT.fault,
    msg: messageOf(error),
    advice: isFault ? error.advice : 'please report this',
    stack: error instanceof Error && !isFault ? error.stack : undefined,
  });
  return isFault ? error.exitCode : EXIT.fault;
}

/** One of the exit codes of reliability.md 5; never throws and prints nothing. */
export async function hookBurst(args: readonly string[]): Promise<ExitCode> {
  tidy();
  const words = parseWords(args);
  const file = words.event === 'resume' ? readResumeFile(resumeFilePath()) : '';
  try {
    return await run(words, file);
  } catch (error) {
    return failed(lastResortLog(true), words.event, error);
  }
}
