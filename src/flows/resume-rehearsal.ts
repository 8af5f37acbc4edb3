import { NO_CREDENTIALS } from '../core/burst/errors.ts';
import { type Gang, gangsOf } from '../core/burst/gangs.ts';
import { groupName, type NodePlace } from '../core/burst/node-names.ts';
import type { NodeGroupSettings } from '../core/config/settings.ts';
import { EXIT, type ExitCode, type Refused, refused } from '../core/errors.ts';
import { expandNodelist, isNodelistError } from '../core/slurm/nodelist.ts';
import type { ResumeJob } from '../core/slurm/resume-file.ts';
import type { LaunchTemplate } from '../ports/cloud.ts';
import type { SlurmJob } from '../ports/slurm.ts';
import type { BurstPorts } from './steps/burst-ports.ts';
import { deadlineIn } from './steps/deadline.ts';
import { ec2Silent } from './steps/ec2-silent.ts';
import { isCause, type LaunchFacts, launchFacts } from './steps/launch-facts.ts';
import { nothing, type RehearsedGang, rehearseGang, rehearsePool } from './steps/rehearse-gang.ts';
import type { ResumePorts } from './steps/resume-gang.ts';
import { jobFacts, jobsToResume, readJobs } from './steps/resume-jobs.ts';
import { exitCodeOfCause, placesOf } from './steps/resume-words.ts';
import { dryLedger } from './steps/settle/dry-ledger.ts';

export interface Rehearsal {
  readonly nodes: readonly string[];
  /** Of no node group: a resume gives them back. */
  readonly unknown: readonly string[];
  readonly gangs: readonly RehearsedGang[];
  /** What could not be asked, and what was taken instead. */
  readonly notes: readonly string[];
  readonly exitCode: ExitCode;
}

/** As of a resume; there is no SLURM_RESUME_FILE. */
export interface RehearsalAsk {
  readonly nodeList: string;
  readonly jobs: readonly ResumeJob[] | undefined;
  readonly deadlineMs?: number | undefined;
}

export interface RehearsalOptions {
  /** EC2 is asked with DryRun whether each call would be allowed. */
  readonly asksPermission: boolean;
}

const DEADLINE_MS = 60_000;

/**
 * `resume --dry-run`: the calls that a resume of these nodes would make, their cost and their effect on
 * the ledger (burst.md CMD-4). Only reading calls are made, and nothing is written, not even to the log.
 * Without EC2 the configuration alone decides. VALIDATION_ERROR for a bad nodelist.
 */
export async function rehearseResume(
  ask: RehearsalAsk,
  options: RehearsalOptions,
  given: BurstPorts,
): Promise<Rehearsal | Refused> {
  const names = expandNodelist(ask.nodeList, { unique: true });
  if (isNodelistError(names)) {
    return refused('VALIDATION_ERROR', names.text);
  }
  if (names.length === 0) {
    return refused('VALIDATION_ERROR', 'nodelist is empty');
  }
  const ports: ResumePorts = {
    ...given,
    ledger: dryLedger(given.ledger),
    log: { write: () => undefined },
    catalog: { read: () => given.catalog.read(), write: () => undefined },
    volumes: undefined,
    deadline: deadlineIn(given, ask.deadlineMs ?? DEADLINE_MS),
  };
  const places = placesOf(names, ports.settings);
  const unknown = names.filter((node) => !places.has(node));
  const found = await rehearseKnown({ ask, places, options }, ports);
  if (found === undefined) {
    return { nodes: names, unknown, gangs: [], notes: [SILENT], exitCode: EXIT.tryAgain };
  }
  const { gangs, notes } = found;
  const codes = gangs.flatMap(({ cause }) => (cause === undefined ? [] : [exitCodeOfCause(cause)]));
  const isRefused = unknown.length > 0 ? EXIT.refused : EXIT.ok;
  return { nodes: names, unknown, gangs, notes, exitCode: codes[0] ?? isRefused };
}

/** `places` and the jobs that wait for them. */
interface Known {
  readonly ask: RehearsalAsk;
  readonly places: ReadonlyMap<string, NodePlace>;
  readonly options: RehearsalOptions;
}

/** Undefined: slurmctld is silent. */
async function rehearseKnown(
  known: Known,
  ports: ResumePorts,
): Promise<Pick<Rehearsal, 'gangs' | 'notes'> | undefined> {
  const nodes = [...known.places.keys()];
  const jobs = nodes.length === 0 ? [] : await jobsToResume(known.ask.jobs, nodes, ports);
  if (jobs === undefined) {
    return undefined;
  }
  const ids = jobs.map(({ jobId }) => jobId);
  const lines = await readJobs(ids, ports);
  const gangs = gangsOf(jobs, jobFacts(lines), (node) => groupOf(node, known.places));
  const owned = new Set(gangs.flatMap((gang) => gang.nodes));
  const free = nodes.filter((node) => !owned.has(node));
  const { facts, silence } = await factsFor(known.places, [...lines.values()], ports);
  const { asksPermission } = known.options;
  const ask = { jobs: lines, places: known.places, asksPermission };
  const rehearsed: RehearsedGang[] = [];
  for (const gang of gangs) {
    rehearsed.push(await rehearseGang({ ...ask, gang }, facts, ports));
  }
  if (free.length > 0) {
    rehearsed.push(await rehearseFree(free, { known, facts }, ports));
  }
  return { gangs: rehearsed, notes: silence === undefined ? [] : [withoutEc2Note(silence)] };
}

const SILENT = 'slurmctld did not answer: nobody knows which job waits for these nodes';

function withoutEc2Note(why: string): string {
  const instead = 'template versions, zones and prices are those of the configuration';
  return `${ec2Silent(why)}; ${instead}`;
}

function groupOf(node: string, places: ReadonlyMap<string, NodePlace>): string {
  const place = places.get(node);
  return place === undefined ? '' : groupName(place);
}

async function rehearseFree(
  free: readonly string[],
  { known, facts }: { readonly known: Known; readonly facts: LaunchFacts },
  ports: ResumePorts,
): Promise<RehearsedGang> {
  const account = ports.settings.cost.pool_account;
  const gang: Gang = { rule: 'best-effort', jobs: [], nodes: free };
  if (account === undefined) {
    const sentence = 'no job asked for these nodes and cost.pool_account is not set';
    return { ...nothing(gang), cause: { code: 'NoJob', as: 'plan', sentence } };
  }
  const members = free.flatMap((node) => known.places.get(node) ?? []);
  return await rehearsePool(members, account, known.options, { facts, ports });
}

/** As EC2 tells them; without it (burst.md 1.4: no credentials are needed) as they are configured. */
async function factsFor(
  places: ReadonlyMap<string, NodePlace>,
  jobs: readonly SlurmJob[],
  ports: ResumePorts,
): Promise<{ readonly facts: LaunchFacts; readonly silence: string | undefined }> {
  const groups = new Map([...places.values()].map((place) => [groupName(place), place.group]));
  const facts = await launchFacts(groups, jobs, ports);
  const silence = [...facts.groups.values()].filter(isCause).find(isSilence)?.sentence;
  return { facts: silence === undefined ? facts : withoutEc2(facts, groups), silence };
}

function isSilence({ code }: { readonly code: string }): boolean {
  return code === 'EC2Unreachable' || code === NO_CREDENTIALS;
}

/** Each subnet stands for a zone of its own. */
function withoutEc2(
  facts: LaunchFacts,
  groups: ReadonlyMap<string, NodeGroupSettings>,
): LaunchFacts {
  const subnets = [...groups.values()].flatMap((group) => [
    ...group.subnet_ids,
    ...group.launch_template_overrides.flatMap((override) => override.subnet_id ?? []),
  ]);
  return {
    ...facts,
    groups: new Map([...groups].map(([name, group]) => [name, { template: configured(group) }])),
    zones: new Map(subnets.map((id) => [id, id])),
    offered: undefined,
    spotPrices: [],
  };
}

function configured({ launch_template_specification: spec }: NodeGroupSettings): LaunchTemplate {
  return {
    id: spec.launch_template_id ?? spec.launch_template_name ?? '',
    version: spec.version,
    hasEfa: true, // nobody could be asked
  };
}
