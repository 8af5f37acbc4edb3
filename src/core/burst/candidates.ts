import type { NodeGroupSettings } from '../config/settings.ts';
import { dearer, type Rate } from '../money/rate.ts';
import {
  COMPUTE_FAMILIES,
  GPU_FAMILIES,
  HPC_FAMILIES,
  MEMORY_FAMILIES,
  STANDARD_FAMILIES,
} from './analysis/families.ts';
import { type Capability, familyOf } from './capability.ts';
import { type Catalog, SHIPPED_CATALOG } from './catalog.ts';
import type { EfaLevel } from './constraint.ts';
import { isLarger, misfitOf } from './fit.ts';

/** A type that may become a node of the group, the preferred one first. */
export interface Candidate {
  readonly instanceType: string;
  /** On-demand, dollars per hour. */
  readonly rate: Rate;
  /** The cap for spot, decimal text as configured. */
  readonly spotPrice?: string | undefined;
  readonly subnetIds: readonly string[];
  readonly efa: boolean;
  readonly spot: boolean;
  /** Cluster placement groups take it. */
  readonly clusterGroups: boolean;
}

/** One type that was looked at, and what came of it. */
export interface Weighed {
  readonly type: string;
  readonly fits: boolean;
  readonly reason: string;
}

export interface Candidates {
  readonly candidates: readonly Candidate[];
  readonly weighed: readonly Weighed[];
  /** One line a type that was left out, and why. */
  readonly reasons: readonly string[];
}

/** What of the job decides which types may serve it, and in which order (burst.md 4.5). */
export interface Wanted {
  /** In order of preference; none: as the node group lists its types. */
  readonly families: readonly string[];
  readonly level: EfaLevel;
}

/** A job of which nothing is known but what its node group says. */
export const ANY_JOB: Wanted = { families: [], level: 'disabled' };

export interface CandidateQuestion {
  readonly group: NodeGroupSettings;
  readonly rateOf: (instanceType: string) => Rate | undefined;
  readonly catalog?: Catalog | undefined;
  readonly wanted?: Wanted | undefined;
}

export const AUTO = 'auto';
export const NO_EFA = 'has no EFA';

type Override = NodeGroupSettings['launch_template_overrides'][number];

interface Option {
  readonly type: string;
  readonly override: Override;
  readonly capability: Capability;
}

/**
 * The group's types that can hold what its nodes declare and whose price is known, by family, then
 * size, then as listed; those with EFA alone or first, as the job wants it (burst.md 4.5).
 */
export function candidatesOf(question: CandidateQuestion): Candidates {
  const { wanted = ANY_JOB } = question;
  const weighed: Weighed[] = [];
  const candidates: Candidate[] = [];
  for (const option of ranked(optionsOf(question), wanted)) {
    const found = weigh(option, question, wanted);
    const { type } = option;
    if (typeof found === 'string') {
      weighed.push({ type, fits: false, reason: found });
    } else {
      weighed.push({ type, fits: true, reason: reasonFor(option, wanted) });
      candidates.push(found);
    }
  }
  return {
    candidates,
    weighed,
    reasons: weighed.filter(({ fits }) => !fits).map(({ type, reason }) => `${type}: ${reason}`),
  };
}

/** The candidate, or why it is none. */
function weigh(
  { type, override, capability }: Option,
  { group, rateOf }: CandidateQuestion,
  { level }: Wanted,
): Candidate | string {
  const misfit = misfitOf(group, capability);
  if (misfit !== undefined) {
    return misfit;
  }
  if (level === 'required' && !capability.efa) {
    return NO_EFA;
  }
  const rate = rateOf(type);
  const { efa, spot, clusterGroups } = capability;
  return rate === undefined
    ? 'no price known'
    : {
        instanceType: type,
        rate,
        spotPrice: override.spot_price,
        subnetIds: override.subnet_id === undefined ? group.subnet_ids : [override.subnet_id],
        efa,
        spot,
        clusterGroups,
      };
}

function reasonFor({ type, capability }: Option, { families, level }: Wanted): string {
  const at = families.indexOf(familyOf(type));
  const order = at < 0 ? 'as listed' : `family ${at + 1} of ${families.length}`;
  return capability.efa && level !== 'disabled' ? `${order}, EFA` : order;
}

/** Every type that the group names, and for `auto` the right size of each family. */
function optionsOf(question: CandidateQuestion): readonly Option[] {
  const { group, catalog = SHIPPED_CATALOG } = question;
  const seen = new Set<string>();
  return group.launch_template_overrides.flatMap((override) => {
    const types = override.instance_type === AUTO ? rightSizes(question) : [override.instance_type];
    return types.flatMap((type) => {
      const isNew = !seen.has(type);
      seen.add(type);
      return isNew ? [{ type, override, capability: catalog.of(type) }] : [];
    });
  });
}

/** Stable: equals stay as they are listed. */
function ranked(options: readonly Option[], { families, level }: Wanted): readonly Option[] {
  function rank({ type }: Option): number {
    const at = families.indexOf(familyOf(type));
    return at < 0 ? families.length : at;
  }
  function bySize(a: Option, b: Option): number {
    return rank(a) < families.length ? isLarger(a.capability, b.capability) : 0;
  }
  const isFirst = level === 'preferred' || level === 'required';
  return options.toSorted(
    (a, b) =>
      (isFirst ? Number(b.capability.efa) - Number(a.capability.efa) : 0) ||
      rank(a) - rank(b) ||
      bySize(a, b),
  );
}

/** Where the rules name no family, or none of theirs fits, `auto` goes on with these. */
const FURTHER = [
  STANDARD_FAMILIES,
  COMPUTE_FAMILIES,
  MEMORY_FAMILIES,
  GPU_FAMILIES,
  HPC_FAMILIES,
] as const;

/** Every family that `auto` may choose from. */
export const AUTO_FAMILIES: readonly string[] = [...new Set(FURTHER.flat())];

/** The smallest type of each family that fits: the job's families, else the first kind that has one. */
function rightSizes(question: CandidateQuestion): readonly string[] {
  const { wanted = ANY_JOB } = question;
  for (const families of [wanted.families, ...FURTHER]) {
    const found = families.flatMap((family) => rightSize(family, question) ?? []);
    if (found.length > 0) {
      return found;
    }
  }
  return [];
}

/**
 * Smallest first, then the cheaper, then by name (burst.md 4.5). What has no price cannot be chosen: a
 * hold could not cover it.
 */
function rightSize(family: string, question: CandidateQuestion): string | undefined {
  const { group, rateOf, catalog = SHIPPED_CATALOG, wanted = ANY_JOB } = question;
  const fitting = catalog.inFamily(family).flatMap((type) => {
    const capability = catalog.of(type);
    const rate = rateOf(type);
    const isUseful = wanted.level !== 'required' || capability.efa;
    return isUseful && rate !== undefined && misfitOf(group, capability, 'exact') === undefined
      ? [{ type, capability, rate }]
      : [];
  });
  const [smallest] = fitting.toSorted(
    (a, b) =>
      isLarger(a.capability, b.capability) ||
      Number(dearer(a.rate, b.rate)) - Number(dearer(b.rate, a.rate)) ||
      (a.type < b.type ? -1 : 1),
  );
  return smallest?.type;
}

/** Every type that `auto` may choose for some job of the group: what prices must be known of. */
export function autoTypes(group: NodeGroupSettings, catalog: Catalog): readonly string[] {
  const sizes = AUTO_FAMILIES.flatMap((family) => {
    const fitting = catalog
      .inFamily(family)
      .filter((type) => misfitOf(group, catalog.of(type), 'exact') === undefined)
      .toSorted((a, b) => isLarger(catalog.of(a), catalog.of(b)) || (a < b ? -1 : 1));
    const withEfa = fitting.find((type) => catalog.of(type).efa);
    return [...fitting.slice(0, 1), ...(withEfa === undefined ? [] : [withEfa])];
  });
  return [...new Set(sizes)];
}

export function hasAuto(group: NodeGroupSettings): boolean {
  return group.launch_template_overrides.some(({ instance_type }) => instance_type === AUTO);
}
