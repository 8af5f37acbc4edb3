import { anonymized } from '../core/burst/cost/anonymize.ts';
import {
  type CostFacts,
  costDocument,
  costFileName,
  withEarlierRuns,
} from '../core/burst/cost/cost-document.ts';
import {
  type PerformanceFacts,
  performanceDocument,
  reconciliationDocument,
  slurmComment,
  spotSavings,
} from '../core/burst/cost/performance-document.ts';
import { nodePlace } from '../core/burst/node-names.ts';
import type { RateOf } from '../core/burst/prices.ts';
import { type JobRunFacts, jobKey, runsByJob } from '../core/burst/runs/job-runs.ts';
import type { Settings } from '../core/config/settings.ts';
import { Fault, isRefused, type Refused, refused } from '../core/errors.ts';
import type { JsonObject } from '../core/json.ts';
import { invalid } from '../core/ledger/account-words.ts';
import type { HoldRow } from '../core/ledger/rows.ts';
import { type JobRef, parseJob } from '../core/ledger/transactions.ts';
import type { Ledger } from '../ports/ledger.ts';
import type { Slurm } from '../ports/slurm.ts';
import type { Clock, CostFiles, Log } from '../ports/system.ts';
import { adviceOn, costFacts, efficiencyOf } from './steps/settle/cost-file.ts';

export interface BurstExportPorts {
  readonly settings: Settings;
  readonly ledger: Pick<Ledger, 'read'>;
  readonly slurm: Pick<Slurm, 'runsOf' | 'version' | 'efficiency'>;
  readonly clock: Pick<Clock, 'nowUs'>;
  readonly log: Log;
  /** Earlier runs of a requeued job stand in its cost file. */
  readonly costFiles: Pick<CostFiles, 'read'>;
  readonly rateOf: () => RateOf;
  readonly version: string;
  /** Of a text, with a key that only this site has. */
  readonly keyedHash: (text: string) => string;
}

export interface ExportAsk {
  readonly jobId: string;
  readonly format: string;
  readonly isAnonymous: boolean;
}

export interface Exported {
  /** Name of its file. */
  readonly file: string;
  readonly document: JsonObject | string;
}

const EXPORT_FORMATS = [
  'asba-learning',
  'json',
  'slurm-comment',
  'asbb-reconciliation',
  'cost',
] as const;
type Format = (typeof EXPORT_FORMATS)[number];

const MICROS_PER_SECOND = 1_000_000;
const ID_DIGITS = 16;

function formatOf(text: string): Format | Refused {
  const format = EXPORT_FORMATS.find((each) => each === text);
  return (
    format ??
    invalid(
      'format',
      `unsupported export format: ${text.slice(0, 40)}`,
      `one of ${EXPORT_FORMATS.join(', ')}`,
    )
  );
}

function unknownJob(jobId: string): Refused {
  return refused('NOT_FOUND', `no run of job ${jobId} that went to EC2 is known`, {
    advice: 'see asbb transactions list --job-id; sacct must still know the job',
  });
}

/** The newest run that has a hold, and what SLURM's accounting says of it. */
async function runOf(
  job: JobRef,
  { ledger, slurm }: BurstExportPorts,
): Promise<{ readonly hold: HoldRow; readonly fact: JobRunFacts } | undefined> {
  const { holds } = await ledger.read({ holds: { jobIds: [job.jobId] } });
  const own = holds
    .filter((hold) => hold.tasks === 1 && hold.arrayTask === (job.arrayTask ?? -1))
    .toSorted((a, b) => (b.submitS ?? 0) - (a.submitS ?? 0));
  const runs = runsByJob([], await slurm.runsOf([job.jobId]));
  for (const hold of own) {
    const key = jobKey({ jobId: job.jobId, arrayTask: hold.arrayTask });
    const fact = runs.get(key)?.find(({ run }) => run.submitS === hold.submitS);
    if (fact !== undefined) {
      return { hold, fact };
    }
  }
  return undefined;
}

async function versionOf(slurm: BurstExportPorts['slurm']): Promise<string | undefined> {
  try {
    return await slurm.version();
  } catch (error) {
    if (!(error instanceof Fault)) {
      throw error;
    }
    return undefined;
  }
}

function performanceFacts(
  ports: BurstExportPorts,
  cost: CostFacts,
  known: Pick<
    PerformanceFacts,
    'slurmVersion' | 'cpuEfficiency' | 'memoryEfficiency' | 'spotSavings' | 'predicted'
  >,
): PerformanceFacts {
  const { settings, version } = ports;
  return {
    ...known,
    cost,
    region: settings.aws.region,
    pluginVersion: version,
    mode: cost.advisedBy === undefined ? 'standalone' : 'asba',
    configuration: {
      charge_idle: settings.cost.charge_idle,
      efa_default: settings.mpi.efa_default,
      suspend_time: settings.slurm.suspend_time,
    },
  };
}

function contentOf(
  format: Format,
  facts: PerformanceFacts,
  {
    nowS,
    efficiency,
    earlier,
  }: { readonly nowS: number; readonly efficiency: JsonObject; readonly earlier: unknown },
): Exported['document'] {
  switch (format) {
    case 'asba-learning':
    case 'json':
      return performanceDocument(facts);
    case 'slurm-comment':
      return slurmComment(facts);
    case 'asbb-reconciliation':
      return reconciliationDocument(facts, nowS);
    case 'cost':
      return withEarlierRuns({ ...costDocument(facts.cost), ...efficiency }, earlier);
  }
}

const FILES: Readonly<Record<Format, (job: string) => string>> = {
  'asba-learning': (job) => `job-${job}-performance.json`,
  json: (job) => `job-${job}-performance.json`,
  'slurm-comment': (job) => `job-${job}-comment.txt`,
  'asbb-reconciliation': (job) => `job-${job}-asbb-reconciliation.json`,
  cost: costFileName,
};

/** A run for other programs (burst.md 8.5). VALIDATION_ERROR: format or id; NOT_FOUND: no such run. */
export async function burstExport(
  ask: ExportAsk,
  ports: BurstExportPorts,
): Promise<Exported | Refused> {
  const format = formatOf(ask.format);
  if (isRefused(format)) {
    return format;
  }
  const job = parseJob(ask.jobId);
  if (job === undefined) {
    return invalid('job-id', `${ask.jobId.slice(0, 40)}: not a job id`, 'as in 123 or 123_4');
  }
  const run = await runOf(job, ports);
  if (run === undefined) {
    return unknownJob(ask.jobId);
  }
  const { hold, fact } = run;
  const { settings } = ports;
  const fleet = { holdIds: [hold.holdId], paidByHolds: [hold.holdId], usage: true };
  const view = await ports.ledger.read({ fleet });
  const whole = costFacts({ settings, hold, fact, fleet: view.fleet });
  const efficiency = await efficiencyOf(ports, hold, fact);
  const { cpu_efficiency: ofCpu, memory_efficiency: ofMemory } = efficiency;
  const rateOf = ports.rateOf();
  const savings = spotSavings(whole.instances, ({ node, instanceType }) => {
    const place = nodePlace(settings.slurm.partitions, node);
    return place === undefined ? undefined : rateOf(place.group, instanceType);
  });
  const cost = ask.isAnonymous
    ? anonymized(whole, ports.keyedHash(whole.job).slice(0, ID_DIGITS))
    : whole;
  const facts = performanceFacts(ports, cost, {
    slurmVersion: await versionOf(ports.slurm),
    cpuEfficiency: typeof ofCpu === 'number' ? ofCpu : undefined,
    memoryEfficiency: typeof ofMemory === 'number' ? ofMemory : undefined,
    predicted: ask.isAnonymous ? undefined : adviceOn(hold, view.fleet)?.said,
    spotSavings: savings,
  });
  const nowS = Math.floor(ports.clock.nowUs() / MICROS_PER_SECOND);
  return {
    file: FILES[format](cost.job),
    document: contentOf(format, facts, {
      nowS,
      efficiency,
      earlier: ask.isAnonymous ? undefined : ports.costFiles.read(costFileName(whole.job)),
    }),
  };
}
