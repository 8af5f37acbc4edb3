import { type Stats, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { isRefused, type Refused, refused } from '../core/errors.ts';
import { parseJob } from '../core/ledger/transactions.ts';
import { expandNodelist, isNodelistError } from '../core/slurm/nodelist.ts';
import type { ResumeAsk } from '../flows/resume.ts';
import type { NamedPlans } from '../wiring/burst.ts';
import { secondsOf } from './duration-flag.ts';

interface ResumeFlags {
  readonly job?: string | undefined;
  readonly timeout: string;
}

/** Where the plans are that a person names. POLICY when there is nothing (burst.md 3.4). */
export function namedPlans(flags: {
  readonly 'execution-plan'?: string | undefined;
  readonly 'plan-dir'?: string | undefined;
}): NamedPlans | Refused {
  const planFile = placeOf(flags['execution-plan']);
  const planDir = placeOf(flags['plan-dir']);
  const missing =
    lacks(planFile, (found) => found.isFile()) ?? lacks(planDir, (found) => found.isDirectory());
  return missing === undefined
    ? { planFile, planDir }
    : refused('POLICY', `plan_unreadable: there is no ${missing}`, {
        advice: 'name what is there, or leave it out',
      });
}

function placeOf(path: string | undefined): string | undefined {
  return path === undefined ? undefined : resolve(path);
}

function lacks(path: string | undefined, isIt: (found: Stats) => boolean): string | undefined {
  const found = path === undefined ? undefined : statSync(path, { throwIfNoEntry: false });
  return path === undefined || (found !== undefined && isIt(found)) ? undefined : path;
}

const MS_PER_SECOND = 1000;

/** What a person asks of `burst resume`: there is no SLURM_RESUME_FILE. */
export function resumeAsk(nodeList: string, { job, timeout }: ResumeFlags): ResumeAsk | Refused {
  const seconds = secondsOf('--timeout', timeout);
  if (isRefused(seconds)) {
    return seconds;
  }
  if (seconds === 0) {
    return refused('VALIDATION_ERROR', '--timeout is not a duration', { advice: 'as in 5m' });
  }
  const jobs = job === undefined ? undefined : jobsOf(job, nodeList);
  if (isRefused(jobs)) {
    return jobs;
  }
  const deadlineMs = seconds === undefined ? undefined : seconds * MS_PER_SECOND;
  return { nodeList, jobs, entryOf: () => '', deadlineMs };
}

/** A bad nodelist has no jobs; the flow refuses it. */
function jobsOf(job: string, nodeList: string): ResumeAsk['jobs'] | Refused {
  const ref = parseJob(job);
  if (ref === undefined || ref.arrayTask !== undefined) {
    return refused('VALIDATION_ERROR', '--job is not a job id', {
      advice: 'a task of an array has an id of its own: see squeue -O JobID',
    });
  }
  const nodes = expandNodelist(nodeList, { unique: true });
  return isNodelistError(nodes)
    ? []
    : [{ jobId: ref.jobId, nodes, allocated: nodes, oversubscribe: 'NO' }];
}
