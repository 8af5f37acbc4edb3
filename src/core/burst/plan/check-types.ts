import type { NodeGroupSettings } from '../../config/settings.ts';
import { isPositive, toDecimal } from '../../money/money.ts';
import { dearer, parseRate } from '../../money/rate.ts';
import { type Candidate, candidatesOf } from '../candidates.ts';
import { type Catalog, SHIPPED_CATALOG } from '../catalog.ts';
import type { EfaLevel } from '../constraint.ts';
import type { Purchasing } from '../launch.ts';
import type { RateOf } from '../prices.ts';
import { zonePath } from './check-place.ts';
import { type ExecutionPlan, type PlanFinding, planError, planWarning } from './plan.ts';

/** What is known of the types that a plan names. */
export interface TypeFacts {
  readonly group: NodeGroupSettings;
  readonly rateOf: RateOf;
  /** Absent: the shipped table. */
  readonly catalog?: Catalog | undefined;
  /** Where the nodes may stand. */
  readonly subnetIds: readonly string[];
  readonly zones?: ReadonlyMap<string, string> | undefined;
  /** `type|zone` pairs that EC2 offers; absent: not asked. */
  readonly offered?: ReadonlySet<string> | undefined;
}

const PATH = 'instance_specification.instance_types';
/** Families of which every size is known, and every size has EFA (burst.md 4.7). */
const WHOLLY_KNOWN = /^(?:hpc6a|hpc6id|hpc7a|hpc7g|p3dn|p4d)\./u;

/** The plan's types as candidates in its order; those that can never serve are findings instead. */
export function plannedTypes(
  plan: ExecutionPlan,
  facts: TypeFacts,
): { readonly candidates: readonly Candidate[]; readonly findings: readonly PlanFinding[] } {
  const cap = capOf(plan);
  const judged = plan.instances.types.map((type) => judge(type, facts, plan));
  return {
    candidates: judged.flatMap(({ candidate }) =>
      candidate === undefined ? [] : [{ ...candidate, spotPrice: lower(candidate.spotPrice, cap) }],
    ),
    findings: judged.flatMap(({ findings }) => findings),
  };
}

interface Judged {
  readonly candidate?: Candidate | undefined;
  readonly findings: readonly PlanFinding[];
}

function judge(type: string, facts: TypeFacts, plan: ExecutionPlan): Judged {
  const finding = existence(type, facts) ?? offering(type, facts, plan);
  if (finding !== undefined) {
    return { findings: [finding] };
  }
  const { group } = facts;
  const own = group.launch_template_overrides.find(({ instance_type }) => instance_type === type);
  const { candidates, reasons } = candidatesOf({
    group: { ...group, launch_template_overrides: [{ ...own, instance_type: type }] },
    rateOf: (each) => facts.rateOf(group, each),
    catalog: facts.catalog,
  });
  const [candidate] = candidates;
  if (candidate === undefined) {
    const message = reasons[0] ?? `${type} does not fit the nodes`;
    return { findings: [planError('plan_type_too_small', { path: PATH, message })] };
  }
  const isFree = own?.subnet_id === undefined;
  const subnetIds = facts.subnetIds.filter((id) => isFree || id === own.subnet_id);
  return { candidate: { ...candidate, subnetIds }, findings: [] };
}

/** Without a node group: do the types exist, and does EC2 sell them in this region? */
export function checkNames(
  { instances }: ExecutionPlan,
  offered: ReadonlySet<string> | undefined,
  catalog: Catalog,
): readonly PlanFinding[] {
  const sold = new Set([...(offered ?? [])].map((pool) => pool.slice(0, pool.indexOf('|'))));
  return instances.types.flatMap((type) => {
    const message = `${type} is not offered in any zone of this region`;
    const isMissing = offered !== undefined && !sold.has(type);
    const missing = isMissing
      ? planError('plan_type_not_offered', { path: PATH, message })
      : undefined;
    return noSuchSize(type, catalog) ?? missing ?? [];
  });
}

function noSuchSize(type: string, catalog: Catalog): PlanFinding | undefined {
  const message = `${type}: EC2 has no such size of this family`;
  return WHOLLY_KNOWN.test(type) && !catalog.of(type).efa
    ? planError('plan_unknown_type', { path: PATH, message })
    : undefined;
}

function existence(
  type: string,
  { group, rateOf, catalog = SHIPPED_CATALOG }: TypeFacts,
): PlanFinding | undefined {
  const unknown = noSuchSize(type, catalog);
  if (unknown !== undefined) {
    return unknown;
  }
  const message = `${type}: its price is not known`;
  return rateOf(group, type) === undefined
    ? planError('plan_unknown_type', { path: PATH, message })
    : undefined;
}

function offering(
  type: string,
  { subnetIds, zones, offered }: TypeFacts,
  plan: ExecutionPlan,
): PlanFinding | undefined {
  if (zones === undefined || offered === undefined) {
    return undefined;
  }
  const usable = [...new Set(subnetIds.flatMap((id) => zones.get(id) ?? []))];
  const isOffered = usable.some((zone) => offered.has(`${type}|${zone}`));
  const message = `${type} is not offered in ${usable.join(', ') || `any zone of ${zonePath(plan)}`}`;
  return isOffered ? undefined : planError('plan_type_not_offered', { path: PATH, message });
}

/** Dollars an hour that one spot instance may cost at most. */
function capOf({ instances }: ExecutionPlan): string | undefined {
  return isPositive(instances.maxSpotPrice) ? toDecimal(instances.maxSpotPrice) : undefined;
}

/** A plan may lower the site's own cap, never raise it. */
export function lower(own: string | undefined, other: string | undefined): string | undefined {
  const [a, b] = [own, other].map((text) => (text === undefined ? undefined : parseRate(text)));
  if (a === undefined || b === undefined) {
    return a === undefined ? other : own;
  }
  return dearer(a, b) ? other : own;
}

/** How the nodes are bought, and how much they want EFA, with who said so; absent: not known. */
export interface PlanTraits {
  readonly purchasing: Purchasing;
  readonly efa?: { readonly level: EfaLevel; readonly text?: string | undefined } | undefined;
}

/**
 * Types without EFA where it is required, without spot where only spot is bought, as EC2 described them
 * where it was asked, else as the shipped table has them (burst.md 4.7).
 */
export function checkTraits(
  plan: ExecutionPlan,
  { purchasing, efa }: PlanTraits,
  catalog: Catalog,
): readonly PlanFinding[] {
  const { types } = plan.instances;
  const real = types.filter((type) => noSuchSize(type, catalog) === undefined);
  const noEfa = real.filter((type) => !catalog.of(type).efa);
  const noSpot = types.filter((type) => !catalog.of(type).spot);
  const noGroup = types.filter((type) => !catalog.of(type).clusterGroups);
  const findings: PlanFinding[] = [];
  if (plan.mpi?.requiresEfa === true || efa?.level === 'required') {
    const report = noEfa.length === real.length ? planError : planWarning;
    const why = plan.mpi?.requiresEfa === true ? '' : `, required: ${efa?.text ?? ''}`;
    findings.push(
      ...noEfa.map((type) =>
        report('plan_type_no_efa', { path: PATH, message: `${type} has no EFA${why}` }),
      ),
    );
  }
  if (purchasing === 'spot' || purchasing === 'mixed') {
    const report = noSpot.length === types.length ? planError : planWarning;
    findings.push(
      ...noSpot.map((type) =>
        report('plan_type_no_spot', { path: PATH, message: `${type} is not sold as spot` }),
      ),
    );
  }
  if (plan.network.placement === 'cluster') {
    const message = 'it supports no cluster placement group';
    findings.push(
      ...noGroup.map((type) =>
        planError('plan_contradiction', { path: PATH, message: `${type}: ${message}` }),
      ),
    );
  }
  return findings;
}
