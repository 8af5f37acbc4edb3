import type { AbortCause } from '../../core/burst/aborts.ts';
import { type Breakers, breakersNote, parseBreakers } from '../../core/burst/breakers.ts';
import { type BrokenGroups, brokenNote, parseBroken } from '../../core/burst/broken-groups.ts';
import type { Catalog } from '../../core/burst/catalog.ts';
import {
  type Interruptions,
  interruptionsNote,
  parseInterruptions,
} from '../../core/burst/interruptions.ts';
import type { SpotPrice } from '../../core/burst/launch.ts';
import { parseUnfit, type UnfitTypes, unfitNote } from '../../core/burst/unfit-types.ts';
import type { NodeGroupSettings } from '../../core/config/settings.ts';
import { Fault } from '../../core/errors.ts';
import { isCloudRefusal, type LaunchTemplate } from '../../ports/cloud.ts';
import type { SlurmJob } from '../../ports/slurm.ts';
import { type BurstPorts, nowS } from './burst-ports.ts';
import { jobScripts } from './job-scripts.ts';
import { knownTypes } from './known-types.ts';
import { noteVolumes } from './known-volumes.ts';
import { causeOfRefusal } from './launch-causes.ts';

/** What a launch on one node group needs to know beforehand. */
export interface GroupFacts {
  readonly template: LaunchTemplate;
}

export interface LaunchFacts {
  /** By `PARTITION-GROUP`. A cause: the group cannot be launched now. */
  readonly groups: ReadonlyMap<string, GroupFacts | AbortCause>;
  /** Zone of each subnet. */
  readonly zones: ReadonlyMap<string, string>;
  readonly offered: ReadonlySet<string> | undefined;
  /** What the types can do. */
  readonly catalog: Catalog;
  /** Batch scripts by job id, as far as they could be read. */
  readonly scripts: ReadonlyMap<number, string>;
  readonly spotPrices: readonly SpotPrice[];
  /** Types whose offerings, and whose spot prices, have been asked for. */
  readonly askedTypes: ReadonlySet<string>;
  readonly askedSpotTypes: ReadonlySet<string>;
  readonly breakers: Breakers;
  readonly broken: BrokenGroups;
  readonly unfit: UnfitTypes;
  readonly interruptions: Interruptions;
}

/** One set of reading calls for all gangs of this resume. */
export async function launchFacts(
  groups: ReadonlyMap<string, NodeGroupSettings>,
  jobs: readonly SlurmJob[],
  ports: BurstPorts,
): Promise<LaunchFacts> {
  const all = [...groups.values()];
  const types = all.flatMap((group) =>
    group.launch_template_overrides.map(({ instance_type }) => instance_type),
  );
  const subnetIds = all.flatMap(subnetsOf);
  const hasSpot = all.some((group) => group.purchasing_option !== 'on-demand');
  const [zones, known, scripts, spotPrices, view, facts] = await Promise.all([
    zonesOf(subnetIds, ports),
    knownTypes(types, ports),
    jobScripts(jobs, ports),
    hasSpot ? spotPricesNow(types, ports) : [],
    ports.ledger.read({
      notes: [breakersNote, brokenNote, unfitNote, interruptionsNote].map((name) =>
        name(clusterOf(ports)),
      ),
    }),
    Promise.all(
      [...groups].map(async ([name, group]) => [name, await groupFacts(group, ports)] as const),
    ),
  ]);
  noteVolumes(
    facts.flatMap(([name, fact]) => {
      const group = groups.get(name);
      return group === undefined || isCause(fact) ? [] : [{ group, template: fact.template }];
    }),
    ports,
  );
  return {
    groups: new Map(facts.map(([name, fact]) => [name, isCause(zones) ? zones : fact])),
    zones: isCause(zones) ? new Map() : zones,
    offered: known.offered,
    catalog: known.catalog,
    scripts,
    spotPrices,
    askedTypes: known.askedTypes,
    askedSpotTypes: new Set(hasSpot ? types : []),
    breakers: parseBreakers(view.notes[breakersNote(clusterOf(ports))]),
    broken: parseBroken(view.notes[brokenNote(clusterOf(ports))]),
    unfit: parseUnfit(view.notes[unfitNote(clusterOf(ports))]),
    interruptions: parseInterruptions(view.notes[interruptionsNote(clusterOf(ports))]),
  };
}

function clusterOf({ settings }: BurstPorts): string {
  return settings.slurm.cluster_name;
}

function subnetsOf(group: NodeGroupSettings): readonly string[] {
  const own = group.launch_template_overrides.flatMap((override) => override.subnet_id ?? []);
  return [...group.subnet_ids, ...own];
}

export async function zonesOf(
  subnetIds: readonly string[],
  { cloud }: BurstPorts,
): Promise<ReadonlyMap<string, string> | AbortCause> {
  try {
    const subnets = await cloud.subnets(subnetIds);
    return isCloudRefusal(subnets)
      ? causeOfRefusal(subnets)
      : new Map(subnets.map(({ subnetId, zone }) => [subnetId, zone]));
  } catch (error) {
    return causeOfFault(asFault(error));
  }
}

/** EC2 did not answer the questions before a launch. */
function causeOfFault(fault: Fault): AbortCause {
  return { code: 'EC2Unreachable', as: 'throttle', sentence: fault.message };
}

export function isCause(value: object): value is AbortCause {
  return 'sentence' in value;
}

/** Without an answer the order of the configuration stands. */
export async function offeredTypes(
  types: readonly string[],
  { cloud, log }: BurstPorts,
): Promise<ReadonlySet<string> | undefined> {
  try {
    const offerings = await cloud.offerings(types);
    return new Set(offerings.map(({ instanceType, zone }) => `${instanceType}|${zone}`));
  } catch (error) {
    log.write('warn', 'offerings_unknown', { msg: asFault(error).message });
    return undefined;
  }
}

/** Without an answer spot is tried all the same: the cap protects (burst.md 5.4). */
export async function spotPricesNow(
  types: readonly string[],
  ports: BurstPorts,
): Promise<readonly SpotPrice[]> {
  try {
    const now = nowS(ports);
    return await ports.cloud.spotPrices(types, [], now, now);
  } catch (error) {
    ports.log.write('warn', 'spot_prices_unknown', { msg: asFault(error).message });
    return [];
  }
}

async function groupFacts(
  group: NodeGroupSettings,
  { cloud }: BurstPorts,
): Promise<GroupFacts | AbortCause> {
  const spec = group.launch_template_specification;
  try {
    const template = await cloud.launchTemplate(
      spec.launch_template_name ?? '',
      spec.launch_template_id ?? '',
      spec.version,
    );
    return isCloudRefusal(template) ? causeOfRefusal(template) : { template };
  } catch (error) {
    return causeOfFault(asFault(error));
  }
}

function asFault(error: unknown): Fault {
  if (error instanceof Fault) {
    return error;
  }
  throw error;
}
