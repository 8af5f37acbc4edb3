import { readFileSync } from 'node:fs';
import { Config } from '../../../schema/config/config.ts';
import type { Settings } from '../../core/config/settings.ts';
import { withoutAliases } from './aliases.ts';
import { check, notesOn } from './check.ts';
import { override } from './environment.ts';
import type { Problem } from './problem.ts';
import type { Environment } from './relevant.ts';
import { settingsFrom, slurmConfPath } from './settings-from.ts';
import { MAX_CONFIG_BYTES, readYaml, type Source, type Tree } from './yaml-source.ts';

/** A configuration read in full: the slow way, with yaml and zod. */
export interface ReadConfig {
  /** Undefined when there are problems. */
  readonly settings: Settings | undefined;
  readonly problems: readonly Problem[];
  /** Keys without effect, variables that name no key. */
  readonly notes: readonly string[];
  /** What was written: file and environment, aliases resolved, no defaults. */
  readonly tree: Tree;
  /** Where a dotted path that the tree has was written. */
  readonly origin: (path: string) => string;
  /** The slurm.conf that the cluster's name came from, when it did. */
  readonly slurmConf: string | undefined;
}

const CLUSTER_NAME = /^[ \t]*ClusterName[ \t]*=[ \t]*([^\s#]+)/imu;
/** For a site without burst partitions, whose slurm.conf nobody needs. */
const UNNAMED = 'cluster';

function clusterNameIn(path: string): string | undefined {
  try {
    return CLUSTER_NAME.exec(readFileSync(path, 'utf8'))?.[1]?.toLowerCase();
  } catch {
    return undefined;
  }
}

function sourceOf(text: string, file: string): Source {
  if (Buffer.byteLength(text) > MAX_CONFIG_BYTES) {
    const problems = [{ where: file, key: '', message: 'the file is larger than 1 MB' }];
    return { tree: {}, lines: new Map(), problems };
  }
  return readYaml(text, file);
}

/** Always shorter: names may hold dots and brackets themselves. */
function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('.'), path.lastIndexOf('[')));
}

/** The value of a path or of its nearest ancestor that has one. */
function nearest(path: string, values: ReadonlyMap<string, string>): string | undefined {
  for (let at = path; at !== ''; at = parentOf(at)) {
    const value = values.get(at);
    if (value !== undefined) {
      return value;
    }
  }
  return undefined;
}

function labelled(
  values: ReadonlyMap<string, string | number>,
  prefix: string,
): ReadonlyMap<string, string> {
  return new Map([...values].map(([path, value]) => [path, `${prefix}${value}`]));
}

/** Text '' with file '': only defaults and environment. */
export function readConfig(text: string, file: string, environment: Environment): ReadConfig {
  const source = sourceOf(text, file);
  const lines = labelled(source.lines, `${file}:`);
  const renamed = withoutAliases(source.tree, (path) => nearest(path, lines) ?? file);
  const { tree, variables, problems, notes } = override(renamed.tree, Config, environment);
  const named = labelled(variables, 'environment ');
  function where(path: string): string {
    return nearest(path, named) ?? nearest(renamed.original(path), lines) ?? file;
  }
  const early = [...source.problems, ...renamed.problems, ...problems];
  const read = { notes: [...notesOn(tree), ...notes], tree, origin: where };
  if (source.problems.length > 0) {
    return { ...read, settings: undefined, problems: early, slurmConf: undefined };
  }
  const checked = check(tree, where);
  const all = [...early, ...checked.problems];
  if (checked.config === undefined || all.length > 0) {
    return { ...read, settings: undefined, problems: all, slurmConf: undefined };
  }
  const risks = risksOf(checked.config);
  return { ...read, notes: [...read.notes, ...risks], ...completed(checked.config, file) };
}

/** SLURM gives nodes up after it (burst.md 2.2). */
const RESUME_TIMEOUT_LEAST = 600;

const TOO_FINE = /\.\d{11}/u;

/** Prices are kept to 1e-10 dollar (burst.md COST-1). */
function roundedPrices({ slurm }: Config): readonly string[] {
  const groups = slurm.partitions.flatMap(({ node_groups }) => node_groups);
  return groups
    .flatMap(({ launch_template_overrides }) => launch_template_overrides)
    .flatMap(({ instance_type, on_demand_price, spot_price }) =>
      [on_demand_price, spot_price]
        .filter((price) => price !== undefined && TOO_FINE.test(price))
        .map((price) => `the price ${price} of ${instance_type} is rounded to ten decimals`),
    );
}

/** Legal, and seldom meant. */
function risksOf(config: Config): readonly string[] {
  const { budget, slurm } = config;
  const { default_hold_percentage: factor } = budget;
  const isShort = slurm.partitions.length > 0 && slurm.resume_timeout < RESUME_TIMEOUT_LEAST;
  return [
    ...roundedPrices(config),
    ...(Number(factor) < 1
      ? [`budget.default_hold_percentage ${factor} is below 1: less is held than a job will cost`]
      : []),
    ...(isShort
      ? [
          `slurm.resume_timeout ${slurm.resume_timeout} is below 600: nodes that boot slowly are given up`,
        ]
      : []),
  ];
}

function completed(
  config: Config,
  file: string,
): Pick<ReadConfig, 'settings' | 'problems' | 'slurmConf'> {
  if (config.slurm.cluster_name !== undefined) {
    return { settings: settingsFrom(config, file, ''), problems: [], slurmConf: undefined };
  }
  const slurmConf = slurmConfPath(config.slurm.config_path);
  const found = clusterNameIn(slurmConf);
  if (found === undefined && config.slurm.partitions.length > 0) {
    const message = `slurm.cluster_name is not set, and ${slurmConf} has no ClusterName that we can read`;
    const problem = { where: file, key: 'slurm.cluster_name', message };
    return { settings: undefined, problems: [problem], slurmConf };
  }
  return { settings: settingsFrom(config, file, found ?? UNNAMED), problems: [], slurmConf };
}
