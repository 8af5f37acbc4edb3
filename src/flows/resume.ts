import type { AbortCause } from '../core/burst/aborts.ts';
import { type Gang, gangsOf } from '../core/burst/gangs.ts';
import { groupName, type NodePlace } from '../core/burst/node-names.ts';
import type { GangResult } from '../core/burst/resume-result.ts';
import { EXIT, type ExitCode, Fault, type Refused, refused } from '../core/errors.ts';
import { expandNodelist, isNodelistError } from '../core/slurm/nodelist.ts';
import type { ResumeJob } from '../core/slurm/resume-file.ts';
import type { SlurmJob } from '../ports/slurm.ts';
import { abortGang } from './steps/abort-gang.ts';
import type { BurstPorts } from './steps/burst-ports.ts';
import { deadlineIn } from './steps/deadline.ts';
import { giveBackNodes } from './steps/give-back-nodes.ts';
import { type LaunchFacts, launchFacts } from './steps/launch-facts.ts';
import { logResults } from './steps/log-results.ts';
import { type GangReport, type ResumePorts, resumeGang, resumePool } from './steps/resume-gang.ts';
import { jobFacts, jobsToResume, readJobs } from './steps/resume-jobs.ts';
import { exitCodeOfCause, placesOf } from './steps/resume-words.ts';
import { splitGangs } from './steps/split-gangs.ts';
import { spoolQuietly } from './steps/spool-quietly.ts';
import { terminateOnly } from './steps/terminate-instances.ts';

export interface ResumeAsk {
  readonly nodeList: string;
  /** Of SLURM_RESUME_FILE; undefined: missing, empty or unreadable. */
  readonly jobs: readonly ResumeJob[] | undefined;
  /** The text of one job's entry, kept in its intents. */
  readonly entryOf: (jobId: number) => string;
  /** Of a person who calls it by hand; absent: a part of slurm.resume_timeout. */
  readonly deadlineMs?: number | undefined;
}

export interface ResumeResult {
  readonly gangs: readonly GangReport[];
  /** What the log has of each gang. */
  readonly results: readonly GangResult[];
  /** Nodes of no node group: given back. */
  readonly unknown: readonly string[];
  readonly exitCode: ExitCode;
}

/** A part of slurm.resume_timeout: the rest is for giving nodes back (burst.md SL-7). */
const DEADLINE_SHARE = 0.6;
const MS_PER_SECOND = 1000;
const EMERGENCY_MS = 30_000;

/**
 * ResumeProgram: gang by gang from the hold to nodes that SLURM can reach, or the nodes given back with
 * the reason (burst.md 5.1). VALIDATION_ERROR for a bad nodelist, of which nothing is acted upon.
 */
export async function resume(ask: ResumeAsk, ports: BurstPorts): Promise<ResumeResult | Refused> {
  const startedUs = ports.clock.nowUs();
  const names = expandNodelist(ask.nodeList, { unique: true });
  if (isNodelistError(names)) {
    return refused('VALIDATION_ERROR', names.text);
  }
  if (names.length === 0) {
    return refused('VALIDATION_ERROR', 'nodelist is empty');
  }
  const deadlineMs =
    ask.deadlineMs ?? ports.settings.slurm.resume_timeout * MS_PER_SECOND * DEADLINE_SHARE;
  const timed = { ...ports, deadline: deadlineIn(ports, deadlineMs) };
  ports.cloud.waitUntil(timed.deadline);
  const places = placesOf(names, ports.settings);
  const unknown = await giveBackUnknown(names, places, ports);
  const outcomes = await resumeKnown(ask, places, timed);
  const gangs = outcomes.map(({ report }) => report);
  const results = await logResults(gangs, startedUs, ports);
  const exitCode = exitCodeFor(outcomes);
  const isRefusedToo = exitCode === EXIT.ok && unknown.length > 0;
  return { gangs, results, unknown, exitCode: isRefusedToo ? EXIT.refused : exitCode };
}

interface Outcome {
  readonly report: GangReport;
  readonly fault?: Fault;
}

async function giveBackUnknown(
  names: readonly string[],
  places: ReadonlyMap<string, NodePlace>,
  ports: BurstPorts,
): Promise<readonly string[]> {
  const unknown = names.filter((node) => !places.has(node));
  if (unknown.length > 0) {
    const sentence = 'no node group of the configuration has this node';
    await giveBackNodes(unknown, { code: 'UnknownNode', sentence }, ports);
  }
  return unknown;
}

async function resumeKnown(
  ask: ResumeAsk,
  places: ReadonlyMap<string, NodePlace>,
  ports: ResumePorts,
): Promise<readonly Outcome[]> {
  const nodes = [...places.keys()];
  if (nodes.length === 0) {
    return [];
  }
  const jobs = await jobsToResume(ask.jobs, nodes, ports);
  if (jobs === undefined) {
    const cause = { code: 'NoAnswer', as: 'slurm', sentence: 'no answer from slurmctld' } as const;
    await giveBackNodes(nodes, cause, ports);
    return [{ report: givenBack({ jobIds: [], nodes }, cause) }];
  }
  const lines = await readJobs(
    jobs.map(({ jobId }) => jobId),
    ports,
  );
  const gangs = gangsOf(jobs, jobFacts(lines), (node) => placeName(places.get(node)));
  const owned = new Set(gangs.flatMap((gang) => gang.nodes));
  const free = nodes.filter((node) => !owned.has(node));
  return await runAll({ ask, places, lines }, { gangs, free }, ports);
}

function placeName(place: NodePlace | undefined): string {
  return place === undefined ? '' : groupName(place);
}

interface Call {
  readonly ask: ResumeAsk;
  readonly places: ReadonlyMap<string, NodePlace>;
  readonly lines: ReadonlyMap<number, SlurmJob>;
}

async function runAll(
  call: Call,
  work: { readonly gangs: readonly Gang[]; readonly free: readonly string[] },
  ports: ResumePorts,
): Promise<readonly Outcome[]> {
  let ready: { readonly facts: LaunchFacts; readonly split: ReadonlySet<Gang> };
  try {
    const called = new Set(call.places.keys());
    const groups = new Map(
      [...call.places.values()].map((place) => [groupName(place), place.group] as const),
    );
    const [facts, split] = await Promise.all([
      launchFacts(groups, [...call.lines.values()], ports),
      splitGangs(work.gangs, called, ports),
    ]);
    ready = { facts, split };
  } catch (error) {
    return await giveAllBack(work, asFault(error), ports);
  }
  return await Promise.all([
    ...work.gangs.map((gang) => runGang(gang, call, ready, ports)),
    ...(work.free.length === 0 ? [] : [runPool(work.free, call, ready.facts, ports)]),
  ]);
}

async function giveAllBack(
  work: { readonly gangs: readonly Gang[]; readonly free: readonly string[] },
  fault: Fault,
  ports: ResumePorts,
): Promise<readonly Outcome[]> {
  const lists = [
    ...work.gangs.map(({ jobs, nodes }) => ({ jobIds: jobs.map(({ jobId }) => jobId), nodes })),
    ...(work.free.length === 0 ? [] : [{ jobIds: [], nodes: work.free }]),
  ];
  return await Promise.all(lists.map((list) => emergency(list, fault, new Set(), ports)));
}

async function runGang(
  gang: Gang,
  call: Call,
  ready: { readonly facts: LaunchFacts; readonly split: ReadonlySet<Gang> },
  ports: ResumePorts,
): Promise<Outcome> {
  const jobIds = gang.jobs.map(({ jobId }) => jobId);
  const list = { jobIds, nodes: gang.nodes };
  if (ready.split.has(gang)) {
    return { report: await giveSliceBack(list, ports) };
  }
  const resumeFile = jobIds.map(call.ask.entryOf).join('\n');
  const { lines: jobs, places } = call;
  return await guarded(list, ports, (own) =>
    resumeGang({ gang, jobs, places, resumeFile }, ready.facts, own),
  );
}

async function runPool(
  free: readonly string[],
  call: Call,
  facts: LaunchFacts,
  ports: ResumePorts,
): Promise<Outcome> {
  const list = { jobIds: [], nodes: free };
  const account = ports.settings.cost.pool_account;
  if (account === undefined) {
    const cause: AbortCause = {
      code: 'NoJob',
      as: 'plan',
      sentence: 'no job asked for this node and cost.pool_account is not set',
    };
    await giveBackNodes(free, cause, ports);
    return { report: givenBack(list, cause) };
  }
  const members = free.flatMap((node) => call.places.get(node) ?? []);
  return await guarded(list, ports, (own) => resumePool(members, account, facts, own));
}

interface NodesOfJobs {
  readonly jobIds: readonly number[];
  readonly nodes: readonly string[];
}

/** ResumeRate ≠ 0: nobody waits for the other slices, none of it is launched (burst.md 7.5). */
async function giveSliceBack(list: NodesOfJobs, ports: ResumePorts): Promise<GangReport> {
  const cause: AbortCause = {
    code: 'SplitGang',
    as: 'slurm',
    sentence: 'gang split by ResumeRate; it must be 0',
  };
  await abortGang({ ...list, intentIds: [], attempt: 0, mayHaveMore: false }, cause, ports);
  return givenBack(list, cause);
}

/** A Fault ends this gang alone (F5); what it launched goes, its nodes are given back. */
async function guarded(
  list: NodesOfJobs,
  ports: ResumePorts,
  run: (own: ResumePorts) => Promise<GangReport>,
): Promise<Outcome> {
  const launched = new Set<string>();
  function onLaunched(ids: readonly string[]): void {
    for (const id of ids) {
      launched.add(id);
    }
  }
  try {
    return { report: await run({ ...ports, onLaunched }) };
  } catch (error) {
    return await emergency(list, asFault(error), launched, ports);
  }
}

function asFault(error: unknown): Fault {
  if (error instanceof Fault) {
    return error;
  }
  throw error;
}

/** Without a usable ledger nothing is launched, and what was goes again (reliability.md 2.5). */
async function emergency(
  list: NodesOfJobs,
  fault: Fault,
  launched: ReadonlySet<string>,
  ports: ResumePorts,
): Promise<Outcome> {
  ports.log.write('error', 'resume_failed', {
    job_id: list.jobIds.join(','),
    msg: fault.message,
  });
  if (launched.size > 0) {
    const instances = [...launched];
    spoolQuietly(ports, 'terminated', { instances, why: fault.message });
    const deadline = deadlineIn({ clock: ports.clock, stop: { isRequested: false } }, EMERGENCY_MS);
    await terminateOnly(instances, ports, deadline);
  }
  const cause: AbortCause = { code: 'LedgerUnusable', as: 'ledger', sentence: fault.message };
  await giveBackNodes(list.nodes, cause, ports);
  return { report: givenBack(list, cause), fault };
}

function givenBack({ jobIds, nodes }: NodesOfJobs, cause: AbortCause): GangReport {
  return {
    kind: 'aborted',
    jobIds,
    nodes,
    bound: [],
    missing: nodes,
    attempt: 0,
    fleetIds: [],
    intentIds: [],
    cause,
  };
}

/** For a person who calls it by hand; slurmctld looks at none of it (burst.md 1.3). */
function exitCodeFor(outcomes: readonly Outcome[]): ExitCode {
  const fault = outcomes.find((outcome) => outcome.fault !== undefined)?.fault;
  if (fault !== undefined) {
    return fault.exitCode;
  }
  const cause = outcomes.find(({ report }) => report.cause !== undefined)?.report.cause;
  return cause === undefined ? EXIT.ok : exitCodeOfCause(cause);
}
