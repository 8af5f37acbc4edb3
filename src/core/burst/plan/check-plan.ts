import { exceedsOverTime, isPositive } from '../../money/money.ts';
import { RESERVED_TAG } from '../tags.ts';
import {
  type ExecutionPlan,
  type PlanFinding,
  type PlanMpi,
  planError,
  planNote,
  planWarning,
} from './plan.ts';

// What is wrong with a plan by itself, in the order of burst.md 3.4; texts of the original where the rule
// is the original's.

const PURCHASING: ReadonlySet<string> = new Set(['spot', 'on-demand', 'mixed']);
const STRATEGIES: ReadonlySet<string> = new Set(['', 'cluster', 'partition', 'spread']);
const PRIORITIES: ReadonlySet<string> = new Set(['', 'urgent', 'normal', 'low']);
const LATENCIES = {
  asbx: new Set(['', 'ultra-low', 'low', 'standard']),
  asba: new Set(['', 'ultra-low', 'low', 'medium', 'high']),
} as const;
const TYPES_MAX = 50;
const EFA_GENERATION_MAX = 2;
const VERSION_MAX = 1;
const USER_DATA_BYTES = 16_384;
const TAGS_MAX = 40;
const TAG_KEY_MAX = 128;
const TAG_VALUE_MAX = 256;
const HOUR_SECONDS = 3600;
const INSTANCE_TYPE = /^[a-z][a-z0-9-]{0,30}\.[a-z0-9-]{1,20}$/u;

const INSTANCES = 'instance_specification';
const NETWORK = 'network_configuration';
const COST = 'cost_constraints';

/** Every finding that needs no knowledge of job, site or cloud. */
export function checkPlan(plan: ExecutionPlan): readonly PlanFinding[] {
  return [
    ...adviceOf(plan),
    ...typesOf(plan),
    ...purchasingOf(plan),
    ...mpiOf(plan),
    ...efaOf(plan),
    ...networkOf(plan),
    ...costOf(plan),
    ...formOf(plan),
  ];
}

/** A plan that says no is a good plan; what follows from it is the caller's. */
function adviceOf({ shouldBurst }: ExecutionPlan): readonly PlanFinding[] {
  const message = 'execution plan indicates bursting should not occur';
  return shouldBurst ? [] : [planWarning('not_recommended', { path: 'should_burst', message })];
}

function typesOf({ instances, shouldBurst }: ExecutionPlan): readonly PlanFinding[] {
  const path = `${INSTANCES}.instance_types`;
  const { types } = instances;
  if (types.length === 0) {
    const message = 'no instance types specified in execution plan';
    return shouldBurst ? [planError('plan_no_types', { path, message })] : [];
  }
  if (types.length > TYPES_MAX) {
    const message = `${types.length} instance types; at most ${TYPES_MAX} are allowed`;
    return [planError('plan_type', { path, message })];
  }
  const twice = types.filter((type, at) => types.indexOf(type) !== at);
  const odd = types.filter((type) => !INSTANCE_TYPE.test(type));
  return [
    ...twice.map((type) => planError('plan_type', { path, message: `${type} is listed twice` })),
    ...odd.map((type) =>
      planError('plan_unknown_type', { path, message: `${type} is no instance type` }),
    ),
  ];
}

function purchasingOf({ instances, cost, shouldBurst }: ExecutionPlan): readonly PlanFinding[] {
  const path = `${INSTANCES}.purchasing_option`;
  const { purchasing, isSpotEnabled } = instances;
  if (!PURCHASING.has(purchasing)) {
    const message = `invalid purchasing option: ${purchasing}`;
    return shouldBurst || purchasing !== ''
      ? [planError('plan_purchasing', { path, message })]
      : [];
  }
  if (isSpotEnabled !== false) {
    return [];
  }
  const off = 'spot_instance_config.enable_spot false';
  if (purchasing !== 'on-demand') {
    const message = `purchasing_option ${purchasing} with ${off}`;
    return [planError('plan_contradiction', { path, message })];
  }
  const message = `prefer_spot with ${off}`;
  return cost.prefersSpot
    ? [planError('plan_contradiction', { path: `${COST}.prefer_spot`, message })]
    : [];
}

function mpiOf(plan: ExecutionPlan): readonly PlanFinding[] {
  const { mpi, network } = plan;
  if (mpi === undefined) {
    return [];
  }
  const path = `${NETWORK}.placement_group_type`;
  const isNowhere = network.placement === '';
  const ofGroups = [
    mpi.isMpi && isNowhere
      ? planWarning('plan_mpi_no_placement', {
          path,
          message: 'MPI jobs require placement group configuration',
        })
      : undefined,
    mpi.isGang && isNowhere
      ? planWarning('plan_gang_no_placement', {
          path,
          message: 'gang scheduling requires placement group configuration',
        })
      : undefined,
  ];
  return [...ofGroups.filter((found) => found !== undefined), ...processesOf(mpi)];
}

const PROCESSES = 'mpi_configuration.process_count';
const PROCESSES_ON_NODE = 'mpi_configuration.processes_per_node';

function processesOf(mpi: PlanMpi): readonly PlanFinding[] {
  const findings: PlanFinding[] = [];
  if (mpi.isMpi && mpi.processes === 0) {
    const message = 'MPI job must specify process count > 0';
    findings.push(planError('plan_mpi_processes', { path: PROCESSES, message }));
  }
  if (mpi.isMpi && mpi.processesPerNode === 0) {
    const message = 'MPI job must specify processes per node > 0';
    findings.push(planError('plan_mpi_processes', { path: PROCESSES_ON_NODE, message }));
  }
  return findings;
}

function efaOf({ mpi, network }: ExecutionPlan): readonly PlanFinding[] {
  const findings: PlanFinding[] = [];
  if (mpi?.requiresEfa === true && network.isEnhanced === false) {
    const path = `${NETWORK}.enhanced_networking`;
    const message = 'EFA requires enhanced networking to be enabled';
    findings.push(planError('plan_contradiction', { path, message }));
  }
  if (mpi?.requiresEfa !== true && network.enablesEfa && network.isEnhanced === false) {
    const path = `${NETWORK}.enhanced_networking`;
    const message = 'enable_efa with enhanced_networking false';
    findings.push(planError('plan_contradiction', { path, message }));
  }
  const generation = mpi?.efaGeneration ?? 0;
  const path = 'mpi_configuration.efa_generation';
  if (generation > EFA_GENERATION_MAX) {
    const message = `must be 0, 1 or 2 (got ${generation})`;
    findings.push(planError('plan_type', { path, message }));
  } else if (generation > 0) {
    const message = 'EC2 does not tell the EFA generation of a type; any is taken';
    findings.push(planNote('plan_no_effect', { path, message }));
  }
  return findings;
}

function networkOf({ dialect, network }: ExecutionPlan): readonly PlanFinding[] {
  const { placement, placementGroup, latencyClass } = network;
  const findings: PlanFinding[] = [];
  if (!STRATEGIES.has(placement)) {
    const message = `must be cluster, partition or spread (got ${placement})`;
    findings.push(planError('plan_type', { path: `${NETWORK}.placement_group_type`, message }));
  }
  if (placementGroup !== '' && placement === '') {
    const message = 'an existing placement group needs its placement_group_type';
    const path = `${NETWORK}.placement_group_name`;
    findings.push(planError('plan_contradiction', { path, message }));
  }
  if (!LATENCIES[dialect].has(latencyClass)) {
    const message = `must be one of ${[...LATENCIES[dialect]].filter(Boolean).join(', ')} (got ${latencyClass})`;
    findings.push(planError('plan_type', { path: `${NETWORK}.network_latency_class`, message }));
  }
  return findings;
}

function costOf({ cost }: ExecutionPlan): readonly PlanFinding[] {
  const { perHour, total, durationSeconds } = cost;
  const seconds = durationSeconds === 0 ? HOUR_SECONDS : durationSeconds;
  const isBounded = isPositive(perHour) && isPositive(total);
  const message = 'cost constraints inconsistent: max_cost_per_hour * duration > max_total_cost';
  return isBounded && exceedsOverTime(perHour, seconds, total)
    ? [planError('plan_cost_inconsistent', { path: COST, message })]
    : [];
}

function formOf(plan: ExecutionPlan): readonly PlanFinding[] {
  const { about, instances } = plan;
  const findings: PlanFinding[] = [];
  if (!PRIORITIES.has(about.priority)) {
    const message = `must be urgent, normal or low (got ${about.priority})`;
    findings.push(planError('plan_type', { path: 'execution_metadata.priority', message }));
  }
  if (about.version > VERSION_MAX) {
    const message = `plan_version ${about.version} is newer than this program knows (${VERSION_MAX})`;
    findings.push(planError('plan_version', { path: 'plan_version', message }));
  }
  if (utf8Length(instances.userData) > USER_DATA_BYTES) {
    const path = `${INSTANCES}.user_data`;
    findings.push(planError('plan_type', { path, message: 'must be at most 16 KB' }));
  }
  return [...findings, ...tagsOf(plan)];
}

function tagsOf({ about }: ExecutionPlan): readonly PlanFinding[] {
  const path = 'execution_metadata.tags';
  const findings = about.tags.flatMap(({ key, value }): readonly PlanFinding[] => {
    const at = `${path}.${key.slice(0, TAG_KEY_MAX)}`;
    if (RESERVED_TAG.test(key)) {
      const message = 'is reserved; the tag is left out';
      return [planWarning('plan_no_effect', { path: at, message })];
    }
    const isFit = key.length > 0 && key.length <= TAG_KEY_MAX && value.length <= TAG_VALUE_MAX;
    const message = `a tag has 1 to ${TAG_KEY_MAX} characters, its value at most ${TAG_VALUE_MAX}`;
    return isFit ? [] : [planError('plan_type', { path: at, message })];
  });
  const own = about.tags.filter(({ key }) => !RESERVED_TAG.test(key));
  const message = `${own.length} tags; at most ${TAGS_MAX} are allowed`;
  return own.length > TAGS_MAX
    ? [...findings, planError('plan_type', { path, message })]
    : findings;
}

/** Bytes of the text as UTF-8. */
function utf8Length(text: string): number {
  let bytes = 0;
  for (const character of text) {
    const point = character.codePointAt(0) ?? 0;
    bytes += 1 + [0x80, 0x8_00, 0x1_00_00].filter((least) => point >= least).length;
  }
  return bytes;
}
