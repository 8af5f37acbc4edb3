import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { PlanFiles } from '../../../src/adapters/plans/plan-files.ts';
import { candidatesOf } from '../../../src/core/burst/candidates.ts';
import { SHIPPED_CATALOG } from '../../../src/core/burst/catalog.ts';
import { onDemandRates } from '../../../src/core/burst/prices.ts';
import { configuredRecipe, type Recipe } from '../../../src/core/burst/recipe.ts';
import type { NodeGroupSettings, Settings } from '../../../src/core/config/settings.ts';
import type { HoldRow } from '../../../src/core/ledger/rows.ts';
import { parseRate, ZERO_RATE } from '../../../src/core/money/rate.ts';
import { isCause, type LaunchFacts } from '../../../src/flows/steps/launch-facts.ts';
import { plannedParts } from '../../../src/flows/steps/planned-parts.ts';
import type { SlurmJob } from '../../../src/ports/slurm.ts';
import type { LogFields } from '../../../src/ports/system.ts';
import { exampleSettings } from '../../support/settings.ts';
import { PARTITIONS, SUBNET_A, SUBNET_B } from '../support/site.ts';
import { shownJob } from '../support/slurm-shapes.ts';

export const SCRIPT = '#!/bin/bash\nsrun hostname\n';
export const SCRIPT_HASH = createHash('sha256').update(SCRIPT).digest('hex');
export const TEMPLATE = { id: 'lt-0a11ce00000000001', version: '3' };
const NOW_S = 1_795_262_400; // 2026-11-21T12:00:00Z

export function directory(): string {
  const path = mkdtempSync(join(tmpdir(), 'asbb-plan-'));
  onTestFinished(() => rmSync(path, { recursive: true }));
  return path;
}

function isBlock(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The plan with some members changed; `undefined` takes one away. */
export function merged(base: object, changes: object): object {
  const entries = Object.entries(changes).map(([key, value]) => {
    const old: unknown = Reflect.get(base, key);
    return [key, isBlock(old) && isBlock(value) ? merged(old, value) : value];
  });
  return { ...base, ...Object.fromEntries(entries) };
}

const PRICES: Readonly<Record<string, string>> = {
  't3.xlarge': '0.1664',
  'c5.xlarge': '0.17',
  'c6i.xlarge': '0.18',
  'c5.2xlarge': '0.34',
  'c5.large': '0.085',
  'c5n.18xlarge': '3.888',
  'c6i.32xlarge': '5.44',
  'c6in.2xlarge': '0.4536',
  'hpc7a.12xlarge': '7.2',
};
const ZONES = new Map([
  [SUBNET_A, 'us-east-1a'],
  [SUBNET_B, 'us-east-1b'],
  ['subnet-0a11ce00000000009', 'us-east-1b'],
]);

/** What the plan is laid over. */
export interface Bench {
  readonly group?: string;
  readonly groupChanges?: Partial<NodeGroupSettings>;
  readonly nodes?: number;
  /** No job waits for the nodes: they were named by hand. */
  readonly isPool?: boolean;
  /** Of job 100. */
  readonly script?: string;
  readonly job?: Partial<SlurmJob>;
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly offeredIn?: readonly string[];
  readonly recipe?: Partial<Recipe>;
}

export interface Laid {
  /** The recipe, or the code of the cause. */
  readonly recipe: Recipe | undefined;
  readonly code: string | undefined;
  readonly sentence: string | undefined;
  readonly logged: readonly { readonly event: string; readonly fields: LogFields }[];
}

const known = new Map<string, Settings>();

function settingsOf(changes: Readonly<Record<string, unknown>>): Settings {
  const key = JSON.stringify(changes);
  const settings =
    known.get(key) ?? exampleSettings({ slurm: { partitions: PARTITIONS }, ...changes });
  known.set(key, settings);
  return settings;
}

/** The plan of job 100, from its file to the recipe of its nodes; only EC2 and slurmctld are stood in for. */
export async function laidOver(plan: unknown, bench: Bench = {}): Promise<Laid> {
  const plans = directory();
  const text = typeof plan === 'string' ? plan : JSON.stringify(plan);
  writeFileSync(join(plans, '100.json'), text, { mode: 0o644 });
  const settings = settingsOf(bench.settings ?? {});
  const found = settings.slurm.partitions[0]?.node_groups.find(
    ({ node_group_name }) => node_group_name === (bench.group ?? 'two'),
  );
  if (found === undefined) {
    throw new Error('no such node group');
  }
  const group = { ...found, ...bench.groupChanges };
  const rates = new Map(
    Object.entries(PRICES).map(([type, price]) => [type, parseRate(price) ?? ZERO_RATE]),
  );
  const rateOf = onDemandRates(settings, { date: '2026-11-01', region: group.region, rates });
  const nodes = Array.from(
    { length: bench.nodes ?? 2 },
    (_, at) => `aws-${group.node_group_name}-00${at + 1}`,
  );
  const job: SlurmJob = {
    ...shownJob({
      jobId: 100,
      arrayJobId: undefined,
      arrayTask: undefined,
      hetJobId: undefined,
      account: 'chem',
      partition: 'aws',
      state: 'CONFIGURING',
      nodes,
      submitS: NOW_S,
      startS: undefined,
      restarts: 0,
      timeLimitSeconds: 3600,
      adminComment: '',
      comment: '',
      startIn: undefined,
      isHeld: false,
    }),
    ...bench.job,
  };
  const recipe = configuredRecipe({
    group,
    candidates: candidatesOf({ group, rateOf: (type) => rateOf(group, type) }),
    template: TEMPLATE,
    nodes: nodes.length,
    hasJob: bench.isPool !== true,
    efa: undefined,
    mpi: settings.mpi,
    cost: {},
  });
  const logged: { event: string; fields: LogFields }[] = [];
  const result = await plannedParts(
    [
      {
        group,
        nodeGroup: `aws-${group.node_group_name}`,
        partition: 'aws',
        account: 'chem',
        nodes,
        jobId: bench.isPool === true ? undefined : 100,
        holdId: bench.isPool === true ? undefined : 1,
        holdToken: 't',
        // Of a hold only its job counts here.
        payers: bench.isPool === true ? [] : [{ job, hold: {} as HoldRow }],
        recipe: { ...recipe, ...bench.recipe },
      },
    ],
    { ...factsOf(bench.offeredIn ?? ['us-east-1a', 'us-east-1b']), scripts: scriptsOf(bench) },
    {
      settings,
      rateOf,
      plans: new PlanFiles([plans], process.getuid?.()),
      planFile: bench.isPool === true ? join(plans, '100.json') : undefined,
      clock: {
        nowUs: () => NOW_S * 1_000_000,
        monotonicMs: () => 0,
        sleep: () => Promise.resolve(),
      },
      hash: { sha256: (value: string) => createHash('sha256').update(value).digest('hex') },
      log: {
        write: (_level: string, event: string, fields: LogFields) => logged.push({ event, fields }),
      },
      deadline: { leftMs: () => 60_000 },
      slurm: { batchScript: () => Promise.resolve(SCRIPT) },
      cloud: {
        placementStrategy: (name: string) =>
          Promise.resolve({ 'site-cluster': 'cluster', 'site-spread': 'spread' }[name]),
        launchTemplate: (name: string, id: string) =>
          Promise.resolve(
            name === 'asbb-big' || id === 'lt-0b0b0000000000002'
              ? { id: 'lt-0b0b0000000000002', name: 'asbb-big', version: '7' }
              : {
                  code: 'InvalidLaunchTemplateName.NotFoundException',
                  message: 'none',
                  status: 400,
                },
          ),
      },
      // The rest of the ports is not reached by what is tested here.
    } as unknown as Parameters<typeof plannedParts>[2],
  );
  return isCause(result)
    ? { recipe: undefined, code: result.code, sentence: result.sentence, logged }
    : { recipe: result.parts[0]?.recipe, code: undefined, sentence: undefined, logged };
}

function scriptsOf({ script }: Bench): LaunchFacts['scripts'] {
  return new Map(script === undefined ? [] : [[100, script]]);
}

function factsOf(offeredIn: readonly string[]): LaunchFacts {
  const types = [...Object.keys(PRICES)];
  return {
    groups: new Map(),
    zones: ZONES,
    offered: new Set(types.flatMap((type) => offeredIn.map((zone) => `${type}|${zone}`))),
    spotPrices: [],
    catalog: SHIPPED_CATALOG,
    scripts: new Map(),
    askedTypes: new Set([...types, 'hpc7a.2xlarge']),
    askedSpotTypes: new Set([...types, 'hpc7a.2xlarge']),
    breakers: {},
    broken: {},
    unfit: {},
    interruptions: {},
  };
}

/** A plan in the dialect of the executor, good for job 100. */
export const ASBX = {
  should_burst: true,
  instance_specification: {
    instance_types: ['c6i.xlarge', 'c5.xlarge'],
    purchasing_option: 'on-demand',
  },
  execution_metadata: { job_id: '100' },
};

/** A plan as the advisor writes it, good for job 100. */
export const ASBA = {
  should_burst: true,
  instance_specification: {
    instance_types: ['c6i.xlarge', 'c5.xlarge'],
    purchasing_option: 'on-demand',
    subnet_ids: null,
  },
  job_metadata: { account: 'chem' },
};
