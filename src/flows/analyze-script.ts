import { type Analysis, analyse } from '../core/burst/analysis/analyse.ts';
import { type BestGroup, bestGroup } from '../core/burst/analysis/best-group.ts';
import { readDirectives } from '../core/burst/analysis/directives.ts';
import { type AskedJob, jobNumbers } from '../core/burst/analysis/job-numbers.ts';
import { parseMemoryOption } from '../core/burst/analysis/sizes.ts';
import type { RateOf } from '../core/burst/prices.ts';
import { didYouMean } from '../core/config/did-you-mean.ts';
import type { PartitionSettings, Settings } from '../core/config/settings.ts';
import { isRefused, type Refused, refused } from '../core/errors.ts';
import { invalid } from '../core/ledger/account-words.ts';
import type { CatalogStore } from '../ports/catalog.ts';
import { cachedCatalog } from './steps/known-types.ts';

export interface AnalyzePorts {
  readonly settings: Settings;
  readonly catalog: CatalogStore;
  readonly rateOf: RateOf;
}

/** What a person says of the job beside its script; it wins over the script's own lines. */
export interface AnalyzeAsk {
  readonly script: string;
  readonly nodes?: number | undefined;
  readonly ntasks?: number | undefined;
  readonly cpusPerTask?: number | undefined;
  readonly mem?: string | undefined;
  readonly constraint?: string | undefined;
  readonly jobName?: string | undefined;
  readonly partition?: string | undefined;
}

export interface AnalyzedScript {
  readonly analysis: Analysis;
  /** Undefined: its partition has no nodes on AWS, so no types were looked at. */
  readonly place: { readonly partition: string; readonly nodeGroup: string } | undefined;
  /** Where the facts of the types are from. */
  readonly source: string;
}

/**
 * What resume would make of a script (burst.md 4.8). Asks neither SLURM nor AWS. VALIDATION_ERROR for
 * an amount of memory that is none; NOT_FOUND for a partition; POLICY for two EFA levels.
 */
export function analyzeScript(ask: AnalyzeAsk, ports: AnalyzePorts): AnalyzedScript | Refused {
  const { settings, rateOf } = ports;
  const job = jobOf(ask);
  if (isRefused(job)) {
    return job;
  }
  const { asked, components } = readDirectives(ask.script);
  if (components > 1) {
    return ofComponents(components);
  }
  const partition = partitionOf(ask.partition, asked.partition, settings);
  if (isRefused(partition)) {
    return partition;
  }
  const found =
    partition === undefined ? undefined : bestGroup(partition, jobNumbers(job, asked, undefined));
  const group = found?.group;
  const catalog = cachedCatalog(ports);
  const { mpi } = settings;
  const analysis = analyse({ script: ask.script, job, group, mpi, catalog, rateOf });
  return isRefused(analysis)
    ? analysis
    : {
        analysis: found === undefined ? analysis : asHeld(analysis, found, partition),
        place:
          partition === undefined || group === undefined
            ? undefined
            : { partition: partition.partition_name, nodeGroup: group.node_group_name },
        source: catalog.source,
      };
}

/** Where no node group can hold the job no type fits, whatever it can do. */
function asHeld(
  analysis: Analysis,
  { misfit }: BestGroup,
  partition: PartitionSettings | undefined,
): Analysis {
  if (misfit === undefined) {
    return analysis;
  }
  const reason = `no node group of ${partition?.partition_name ?? ''} can hold this job: ${misfit}`;
  return {
    ...analysis,
    candidates: [],
    weighed: analysis.weighed.map(({ type }) => ({ type, fits: false, reason })),
    explain: [...analysis.explain.filter((line) => !FITS.test(line)), reason],
  };
}

const FITS = /^\S+ (?:fits|left out): /u;

function ofComponents(count: number): Refused {
  const text = `the script is of a heterogeneous job with ${count} components`;
  return refused('VALIDATION_ERROR', text, {
    advice: 'each component is analysed alone: give it a script of its own, cut at #SBATCH hetjob',
    fields: { components: `${count}` },
  });
}

function jobOf({ mem, jobName, ...ask }: AnalyzeAsk): AskedJob | Refused {
  const memoryPerNodeMib = mem === undefined ? undefined : parseMemoryOption(mem);
  if (mem !== undefined && memoryPerNodeMib === undefined) {
    return invalid('mem', `${mem.slice(0, 40)}: not an amount of memory`, 'as in 16G');
  }
  const { nodes, ntasks, cpusPerTask, constraint } = ask;
  return { nodes, ntasks, cpusPerTask, memoryPerNodeMib, constraint, name: jobName };
}

/** As said, else as the script says, else the usual one. One that is not on AWS has no types. */
function partitionOf(
  said: string | undefined,
  written: string | undefined,
  { slurm }: Settings,
): PartitionSettings | Refused | undefined {
  const names = (said ?? written ?? slurm.default_partition).split(',');
  const found = slurm.partitions.find(({ partition_name }) => names.includes(partition_name));
  return found === undefined && said !== undefined ? unknown(said, slurm.partitions) : found;
}

function unknown(said: string, partitions: readonly PartitionSettings[]): Refused {
  const own = partitions.map(({ partition_name }) => partition_name);
  const meant = didYouMean(said, own);
  const name = said.slice(0, 64);
  return refused('NOT_FOUND', `No burst partition '${name}' in the configuration`, {
    advice:
      meant === undefined
        ? `it has ${own.join(', ') || 'none'}`.slice(0, 200)
        : `did you mean ${meant}?`,
    fields: { partition: name },
  });
}
