import {
  type CostFacts,
  costDocument,
  costFileName,
  type OwnInstance,
  withEarlierRuns,
} from '../../../core/burst/cost/cost-document.ts';
import {
  PENDING_FILES_NOTE,
  parsePendingFiles,
  pendingFilesText,
} from '../../../core/burst/cost/pending-files.ts';
import { launchStepOf } from '../../../core/burst/launch.ts';
import type { KeptAdvice } from '../../../core/burst/plan/kept-advice.ts';
import { type JobRunFacts, jobKey, runsByJob } from '../../../core/burst/runs/job-runs.ts';
import type { Settings } from '../../../core/config/settings.ts';
import { Fault } from '../../../core/errors.ts';
import type { JsonObject } from '../../../core/json.ts';
import type { HoldRow } from '../../../core/ledger/rows.ts';
import type { FleetView } from '../../../core/ledger/view.ts';
import { ZERO } from '../../../core/money/money.ts';
import { parseTres } from '../../../core/slurm/tres.ts';
import type { Slurm } from '../../../ports/slurm.ts';
import type { CostFiles, Log } from '../../../ports/system.ts';
import { type Evidence, jobText, type SettlePorts } from './pass.ts';

/** A step of sacct for each job: a few a pass, the rest go without. */
const EFFICIENCIES_MAX = 50;
const FILES_MAX = 500;

/** The file is for people and other tools: what fails here is told, and written by a later pass. */
export function writeCostFile(
  { costFiles, log }: { readonly costFiles: CostFiles; readonly log: Log },
  job: string,
  document: JsonObject,
): boolean {
  const name = costFileName(job);
  try {
    costFiles.write(name, withEarlierRuns(document, costFiles.read(name)));
    return true;
  } catch (error) {
    if (!(error instanceof Fault)) {
      throw error;
    }
    log.write('error', 'cost_file_failed', { job_id: job, msg: error.message });
    return false;
  }
}

/** Rewrites the files of charged runs as final (burst.md 8.1), also those that a crash left behind. */
export async function writeFinals(ports: SettlePorts, evidence: Evidence): Promise<number> {
  const { notes } = await ports.ledger.read({ notes: [PENDING_FILES_NOTE] });
  const pending = Object.entries(parsePendingFiles(notes[PENDING_FILES_NOTE])).slice(0, FILES_MAX);
  if (pending.length === 0) {
    return 0;
  }
  const { holds } = await ports.ledger.read({ holds: { tokens: pending.map(([token]) => token) } });
  const jobs = await jobsOf(ports, evidence, holds);
  const done: string[] = [];
  for (const [at, [token, instanceIds]] of pending.entries()) {
    const hold = holds.find((each) => each.token === token);
    const isWritten =
      hold === undefined ||
      (await writeOne(ports, { hold, jobs, instanceIds, isAsked: at < EFFICIENCIES_MAX }));
    done.push(...(isWritten ? [token] : []));
  }
  await forget(ports, done);
  return done.length;
}

/** Runs that this pass did not list are asked for by their jobs' ids. */
async function jobsOf(
  ports: SettlePorts,
  evidence: Evidence,
  holds: readonly HoldRow[],
): Promise<Evidence['jobs']> {
  const unknown = holds.filter((hold) => factOf(evidence.jobs, hold) === undefined);
  const ids = [...new Set(unknown.flatMap(({ jobId }) => jobId ?? []))];
  const rows = ids.length === 0 ? [] : await ports.slurm.runsOf(ids);
  return new Map([...runsByJob([], rows), ...evidence.jobs]);
}

function factOf(jobs: Evidence['jobs'], hold: HoldRow): JobRunFacts | undefined {
  const { jobId, arrayTask, submitS } = hold;
  const runs = jobId === undefined ? [] : (jobs.get(jobKey({ jobId, arrayTask })) ?? []);
  return runs.find(({ run }) => run.submitS === submitS);
}

interface OneFile {
  readonly hold: HoldRow;
  readonly jobs: Evidence['jobs'];
  readonly instanceIds: readonly string[];
  readonly isAsked: boolean;
}

/** True also when nothing can be written any more: SLURM has forgotten the run. */
async function writeOne(ports: SettlePorts, one: OneFile): Promise<boolean> {
  const { hold, instanceIds } = one;
  const fact = factOf(one.jobs, hold);
  if (fact === undefined) {
    return true;
  }
  const { fleet } = await ports.ledger.read({ fleet: { instanceIds, usage: true } });
  const efficiency = one.isAsked ? await efficiencyOf(ports, hold, fact) : {};
  const document = finalDocument(ports, hold, fact, fleet);
  return writeCostFile(ports, jobText(hold), { ...document, ...efficiency });
}

async function forget(ports: SettlePorts, tokens: readonly string[]): Promise<void> {
  await ports.ledger.decide(
    {
      scope: ports.settings.slurm.cluster_name,
      verb: 'cost files written',
      args: { count: tokens.length },
    },
    { notes: [PENDING_FILES_NOTE] },
    (view) => {
      const pending = parsePendingFiles(view.notes[PENDING_FILES_NOTE]);
      const rest = Object.entries(pending).filter(([token]) => !tokens.includes(token));
      const value = pendingFilesText(Object.fromEntries(rest));
      return {
        changes: [{ change: 'putNote', name: PENDING_FILES_NOTE, value }],
        answer: tokens.length,
      };
    },
  );
}

function finalDocument(
  { settings }: SettlePorts,
  hold: HoldRow,
  fact: JobRunFacts,
  fleet: FleetView,
): JsonObject {
  return costDocument(costFacts({ settings, hold, fact, fleet }));
}

/** A run as its cost file and its exports tell it. */
export function costFacts({ settings, hold, fact, fleet }: RunToTell): CostFacts {
  const last = fact.allocations.at(-1);
  return {
    status: hold.state === 'open' ? 'provisional' : 'final',
    job: jobText(hold),
    rawJobId: fact.rawId,
    account: fact.account,
    userName: fact.userName,
    partition: fact.partition,
    state: fact.state,
    exitCode: fact.exitCode,
    restart: hold.restart,
    submitS: fact.run.submitS,
    startS: fact.startS,
    endS: fact.endS,
    timeLimitSeconds: fact.timeLimitSeconds,
    nodes: last?.nodes ?? 0,
    cpus: last?.cpus ?? 0,
    tres: fact.allocTres,
    advisedBy: adviceOn(hold, fleet)?.source,
    hold,
    instances: ownInstances(hold, fleet, fact.startS),
    policy: settings.cost.charge_idle,
    hasVolumes: settings.cost.include_ebs,
    transactionId: `txn_${hold.token}`,
  };
}

interface RunToTell {
  readonly settings: Settings;
  readonly hold: HoldRow;
  readonly fact: JobRunFacts;
  /** The instances that the run had a part of, with usage. */
  readonly fleet: FleetView;
}

/** What a plan or the advisor said of the nodes that came to run; undefined: neither was heard. */
export function adviceOn({ holdId }: HoldRow, { intents }: FleetView): KeptAdvice | undefined {
  const own = intents.filter((intent) => intent.holdId === holdId && !intent.aborted);
  return own.map((intent) => launchStepOf(intent).advice).findLast((said) => said !== undefined);
}

/** Segments of which the hold pays a share. */
function ownInstances(
  hold: HoldRow,
  fleet: FleetView,
  startS: number | undefined,
): readonly OwnInstance[] {
  return fleet.instances.flatMap((instance): readonly OwnInstance[] => {
    const usage = fleet.usage.filter(({ instanceId }) => instanceId === instance.instanceId);
    const segments = usage.flatMap(({ usageId, fromS, toS, rate, amount, volume = ZERO }) => {
      const own = fleet.shares.filter(
        (share) => share.usageId === usageId && share.holdId === hold.holdId,
      );
      return own.map((share) => ({
        ...{ fromS, toS, rate, amount, volume },
        ...{ own: share.amount, ownVolume: share.volume ?? ZERO },
      }));
    });
    const intent = fleet.intents.find(({ intentId }) => intentId === instance.intentId);
    // Gone before the run that was charged had started: it was launched for an attempt before it.
    const isEarlier = startS !== undefined && (instance.endS ?? startS + 1) <= startS;
    const isAborted = intent?.aborted === true || isEarlier;
    return segments.length === 0 ? [] : [{ instance, isAborted, segments }];
  });
}

/** TotalCPU ÷ (elapsed × CPUs), where sacct knows the steps; never a reason to fail. */
export async function efficiencyOf(
  { slurm, log }: { readonly slurm: Pick<Slurm, 'efficiency'>; readonly log: Log },
  hold: HoldRow,
  fact: JobRunFacts,
): Promise<JsonObject> {
  const cpus = fact.allocations.at(-1)?.cpus ?? 0;
  const elapsed =
    fact.startS === undefined || fact.endS === undefined ? 0 : fact.endS - fact.startS;
  if (cpus * elapsed <= 0) {
    return {};
  }
  try {
    const { cpuSeconds, maxRssKib } = await slurm.efficiency(jobText(hold));
    const share = (cpuSeconds ?? 0) / (elapsed * cpus);
    return {
      ...(cpuSeconds === undefined ? {} : { cpu_efficiency: Math.min(1, round(share)) }),
      ...memoryOf(fact, maxRssKib),
    };
  } catch (error) {
    if (!(error instanceof Fault)) {
      throw error;
    }
    log.write('warn', 'efficiency_unknown', { job_id: jobText(hold), msg: error.message });
    return {};
  }
}

/** MaxRSS is of the greatest task on one node: beside it stands what a node was asked for. */
function memoryOf(fact: JobRunFacts, maxRssKib: number | undefined): JsonObject {
  const asked = parseTres(fact.allocTres ?? '')?.get('mem') ?? 0;
  const perNode = asked / Math.max(1, fact.allocations.at(-1)?.nodes ?? 1);
  const used = maxRssKib === undefined ? undefined : Math.ceil(maxRssKib / KIB_PER_MIB);
  return used === undefined
    ? {}
    : {
        used_memory: `${used}M`,
        ...(perNode > 0 ? { memory_efficiency: Math.min(1, round(used / perNode)) } : {}),
      };
}

const KIB_PER_MIB = 1024;

function round(share: number): number {
  return Math.round(share * 10_000) / 10_000;
}
