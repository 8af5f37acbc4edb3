import { SUBNET_A, SUBNET_B } from '../support/site.ts';
import { type Bench, merged, SCRIPT_HASH, TEMPLATE } from './support.ts';

// One row or more for each field of burst.md 3.2: executed (what the recipe becomes), refused (by which
// code), kept with the job, or noted as without effect. The last test asks for a row for every field.

export interface Row {
  /** Dotted, as in the schema. */
  readonly field: string;
  readonly changes: object;
  readonly bench?: Bench;
  readonly recipe?: object;
  /** What must stand in the advice kept with the job. */
  readonly kept?: object;
  readonly refused?: string;
  /** Finding of this path is a note or warning. */
  readonly noted?: string;
}

export function at(field: string, value: unknown): object {
  const [head = '', ...rest] = field.split('.');
  return { [head]: rest.length === 0 ? value : at(rest.join('.'), value) };
}

export function row(
  field: string,
  value: unknown,
  more: Omit<Row, 'field' | 'changes'> & { with?: object },
): Row {
  const { with: also = {}, ...rest } = more;
  return { field, changes: merged(at(field, value), also), ...rest };
}

export const I = 'instance_specification';
export const M = 'mpi_configuration';
export const C = 'cost_constraints';
export const N = 'network_configuration';
const E = 'execution_metadata';
const FOREIGN_SUBNET = 'subnet-0a11ce00000000009';
export const OTHER_HASH = 'f'.repeat(64);
export const MPI = { [M]: { is_mpi_job: true, process_count: 1 } };
export const CLUSTER = { [N]: { placement_group_type: 'cluster' } };
export const EFA_TYPES = { [I]: { instance_types: ['c5.xlarge', 'c5n.18xlarge'] } };
const BIG = { instance_types: ['c5.xlarge', 'c5n.18xlarge'] };
const MANY = { job: { numNodes: 16 } };
/** What the analysis alone made of it. */
const WAS_MPI = {
  isMpi: true,
  efa: 'required',
  grouping: { strategy: 'cluster', reason: 'MPI' },
  oneZone: true,
} as const;
const RUN = {
  group: 'run',
  groupChanges: {
    launch_template_specification: { launch_template_name: 'asbb-node', version: '1' },
  },
};

export const COMMON: readonly Row[] = [
  row('should_burst', false, { refused: 'not_recommended' }),
  row(`${I}.instance_types`, ['c6i.xlarge', 'c5.xlarge'], {
    recipe: { candidates: [{ instanceType: 'c6i.xlarge' }, { instanceType: 'c5.xlarge' }] },
  }),
  row(`${I}.instance_types`, [], { refused: 'plan_no_types' }),
  row(`${I}.instance_types`, ['c5.xlarge', 'c5.xlarge'], { refused: 'plan_type' }),
  row(
    `${I}.instance_types`,
    Array.from({ length: 51 }, (_, n) => `c${n}.xlarge`),
    { refused: 'plan_type' },
  ),
  row(`${I}.instance_types`, ['hpc7a.2xlarge'], { refused: 'plan_unknown_type' }),
  row(`${I}.instance_types`, ['c5.3xlarge'], { refused: 'plan_unknown_type' }),
  row(`${I}.instance_types`, ['c5.large'], { refused: 'plan_type_too_small' }),
  row(`${I}.instance_types`, ['c5.xlarge'], {
    bench: { offeredIn: ['us-east-1c'] },
    refused: 'plan_type_not_offered',
  }),
  row(`${I}.purchasing_option`, 'spot', { recipe: { purchasing: 'spot' } }),
  row(`${I}.purchasing_option`, 'mixed', { recipe: { purchasing: 'mixed' } }),
  row(`${I}.purchasing_option`, 'reserved', { refused: 'plan_purchasing' }),
  row(`${I}.purchasing_option`, 'spot', {
    with: { [I]: { instance_types: ['hpc7a.12xlarge'] } },
    refused: 'plan_type_no_spot',
  }),
  row(`${I}.max_spot_price`, 0.1, {
    recipe: { candidates: [{ spotPrice: '0.1' }, { spotPrice: '0.1' }] },
  }),
  row(`${I}.max_spot_price`, 0.5, {
    bench: { group: 'spot' },
    with: { [I]: { instance_types: ['c5.xlarge'], purchasing_option: 'spot' } },
    recipe: { candidates: [{ spotPrice: '0.15' }] },
  }),
  row(`${I}.max_spot_price`, -1, { refused: 'plan_type' }),
  row(`${I}.subnet_ids`, [SUBNET_B], {
    recipe: {
      subnetIds: [SUBNET_B],
      candidates: [{ subnetIds: [SUBNET_B] }, { subnetIds: [SUBNET_B] }],
    },
  }),
  row(`${I}.subnet_ids`, null, { recipe: { subnetIds: [SUBNET_A, SUBNET_B] } }),
  row(`${I}.subnet_ids`, [SUBNET_A, FOREIGN_SUBNET], { refused: 'plan_no_subnet' }),
  row(`${I}.subnet_ids`, [FOREIGN_SUBNET], {
    bench: { settings: { burst: { allowed_subnets: [FOREIGN_SUBNET] } } },
    recipe: { subnetIds: [FOREIGN_SUBNET] },
  }),
  row(`${I}.launch_template_name`, 'asbb-node', { recipe: { template: TEMPLATE } }),
  row(`${I}.launch_template_name`, 'asbb-big', { refused: 'plan_template_forbidden' }),
  row(`${I}.launch_template_name`, 'asbb-big', {
    bench: { settings: { burst: { allowed_launch_templates: ['asbb-big'] } } },
    recipe: { template: { id: 'lt-0b0b0000000000002', version: '7' } },
  }),
  row(`${I}.launch_template_name`, 'gone', {
    bench: { settings: { burst: { allowed_launch_templates: ['gone'] } } },
    refused: 'plan_template_forbidden',
  }),
  row(`${M}.is_mpi_job`, true, { with: merged(MPI, CLUSTER), recipe: { isMpi: true } }),
  row(`${M}.is_mpi_job`, true, {
    with: MPI,
    recipe: { isMpi: true, grouping: { strategy: 'cluster' }, oneZone: true },
    noted: 'plan_mpi_no_placement',
  }),
  row(`${M}.is_mpi_job`, true, {
    bench: { ...MANY, nodes: 16 },
    with: merged(CLUSTER, { [M]: { process_count: 1 }, [I]: BIG }),
    recipe: { isMpi: true, efa: 'required', oneZone: true },
    noted: 'plan_type_no_efa',
  }),
  row(`${M}.is_mpi_job`, true, {
    bench: { ...MANY, nodes: 16 },
    with: merged(CLUSTER, { [M]: { process_count: 1 } }),
    refused: 'plan_type_no_efa',
  }),
  row(`${M}.is_mpi_job`, false, {
    bench: { ...MANY, nodes: 16, script: 'mpirun ./app\n', recipe: WAS_MPI },
    recipe: { isMpi: false, efa: 'disabled', grouping: { strategy: undefined }, oneZone: false },
  }),
  row(`${M}.is_mpi_job`, false, { bench: { recipe: { isMpi: true } }, recipe: { isMpi: false } }),
  row(`${M}.process_count`, 0, {
    with: { [M]: { is_mpi_job: true } },
    refused: 'plan_mpi_processes',
  }),
  row(`${M}.process_count`, 9, {
    with: merged({ [M]: { is_mpi_job: true } }, CLUSTER),
    kept: { process_count: '9' },
    noted: 'plan_tasks',
  }),
  row(`${M}.requires_gang_scheduling`, true, { noted: 'plan_gang_no_placement' }),
  row(`${M}.requires_gang_scheduling`, false, { noted: 'plan_no_effect' }),
  row(`${M}.requires_efa`, true, {
    with: EFA_TYPES,
    recipe: { efa: 'required', oneZone: true, candidates: [{ instanceType: 'c5n.18xlarge' }] },
    noted: 'plan_type_no_efa',
  }),
  row(`${M}.requires_efa`, true, { refused: 'plan_type_no_efa' }),
  row(`${M}.requires_efa`, false, {
    bench: { ...MANY, nodes: 16 },
    with: merged(CLUSTER, MPI),
    recipe: { isMpi: true, efa: 'preferred' },
  }),
  row(`${M}.requires_efa`, true, {
    bench: { job: { features: 'no-efa' } },
    with: { [I]: BIG },
    recipe: { efa: 'disabled' },
  }),
  row(`${M}.efa_generation`, 2, { noted: 'plan_no_effect' }),
  row(`${M}.efa_generation`, 3, { refused: 'plan_type' }),
  row(`${C}.max_total_cost`, 0.36, { recipe: { ceilings: {} } }),
  row(`${C}.max_total_cost`, 0.33, { refused: 'plan_cost_total' }),
  row(`${C}.max_duration_hours`, 0.5, { noted: 'plan_duration' }),
  row(`${C}.max_duration_hours`, 10, {
    bench: { job: { timeLimitSeconds: undefined } },
    with: { [C]: { max_total_cost: 3 } },
    refused: 'plan_cost_total',
  }),
  row(`${C}.prefer_spot`, true, { recipe: { purchasing: 'spot', spotFallback: 'on-demand' } }),
  row(`${N}.placement_group_type`, 'spread', { recipe: { grouping: { strategy: 'spread' } } }),
  row(`${N}.placement_group_type`, 'circle', { refused: 'plan_type' }),
  row(`${N}.placement_group_type`, 'cluster', {
    with: { [I]: { instance_types: ['t3.xlarge'] } },
    refused: 'plan_contradiction',
  }),
  row(`${N}.placement_group_type`, 'spread', {
    bench: { nodes: 8 },
    with: { [I]: { subnet_ids: [SUBNET_A] } },
    refused: 'plan_contradiction',
  }),
  row(`${N}.enhanced_networking`, true, { noted: 'plan_no_effect' }),
  row(`${N}.enhanced_networking`, false, {
    with: merged(EFA_TYPES, { [M]: { requires_efa: true } }),
    refused: 'plan_contradiction',
  }),
  row(`${N}.network_latency_class`, 'ultra-low', {
    recipe: { efa: 'preferred', grouping: { strategy: 'cluster' } },
  }),
  row(`${N}.network_latency_class`, 'slow', { refused: 'plan_type' }),
  row('plan_version', 2, { refused: 'plan_version' }),
  row('plan_version', 1, { recipe: {} }),
  row('expires_at', '2026-11-21T11:59:59Z', { refused: 'plan_expired' }),
  row('expires_at', '2026-11-21T12:00:01Z', { recipe: {} }),
  row('expires_at', 'tomorrow', { refused: 'plan_type' }),
  row('job_hash', SCRIPT_HASH, { recipe: {} }),
  row('job_hash', OTHER_HASH, { refused: 'plan_script_changed' }),
  row('job_hash', 'abc', { refused: 'plan_type' }),
];

export const ONLY_ASBX: readonly Row[] = [
  row(`${I}.launch_template_id`, TEMPLATE.id, { recipe: { template: TEMPLATE } }),
  row(`${I}.launch_template_id`, 'lt-0b0b0000000000002', { refused: 'plan_template_forbidden' }),
  row(`${I}.launch_template_id`, TEMPLATE.id, {
    with: { [I]: { launch_template_name: 'asbb-node' } },
    recipe: { template: TEMPLATE },
  }),
  row(`${I}.launch_template_id`, 'lt-0b0b0000000000002', {
    bench: { settings: { burst: { allowed_launch_templates: ['lt-0b0b0000000000002'] } } },
    with: { [I]: { launch_template_name: 'asbb-node' } },
    refused: 'plan_contradiction',
  }),
  row(`${I}.launch_template_id`, 'lt-0b0b0000000000002', {
    bench: {
      settings: { burst: { allowed_launch_templates: ['lt-0b0b0000000000002', 'asbb-other'] } },
    },
    with: { [I]: { launch_template_name: 'asbb-other' } },
    refused: 'plan_contradiction',
  }),
  row(`${I}.security_group_ids`, ['sg-0a11ce00000000001'], { recipe: {} }),
  row(`${I}.security_group_ids`, ['sg-0badbadbadbadbad0'], { refused: 'plan_template_forbidden' }),
  row(`${I}.security_group_ids`, ['sg-0badbadbadbadbad0'], {
    bench: RUN,
    refused: 'plan_template_forbidden',
  }),
  row(`${I}.security_group_ids`, ['sg-2'], {
    bench: { ...RUN, groupChanges: { security_group_ids: ['sg-1', 'sg-2'] } },
    recipe: { securityGroupIds: ['sg-2'] },
  }),
  row(`${I}.iam_instance_profile`, 'admin', { refused: 'plan_profile_forbidden' }),
  row(`${I}.iam_instance_profile`, 'node', {
    bench: { groupChanges: { iam_instance_profile: 'node' } },
    recipe: {},
  }),
  row(`${I}.user_data`, '#!/bin/sh', { refused: 'plan_user_data_forbidden' }),
  row(`${I}.user_data`, '#!/bin/sh', {
    bench: { settings: { burst: { allow_plan_user_data: true } } },
    refused: 'plan_user_data_forbidden',
  }),
  row(`${I}.user_data`, '#!/bin/sh', {
    bench: { ...RUN, settings: { burst: { allow_plan_user_data: true } } },
    recipe: { userData: '#!/bin/sh' },
  }),
  row(`${I}.user_data`, 'é'.repeat(8193), {
    bench: { ...RUN, settings: { burst: { allow_plan_user_data: true } } },
    refused: 'plan_type',
  }),
  row(`${M}.mpi_implementation`, 'openmpi', {
    recipe: { tags: [{ key: 'asbb:mpi', value: 'openmpi' }] },
  }),
  row(`${C}.max_cost_per_hour`, 0.35, { recipe: { ceilings: {} } }),
  row(`${C}.max_cost_per_hour`, 0.33, { refused: 'plan_cost_hour' }),
  row(`${C}.allow_mixed_pricing`, true, {
    bench: { groupChanges: { spot_fallback: 'none' } },
    with: { [I]: { purchasing_option: 'spot' } },
    recipe: { purchasing: 'spot', spotFallback: 'on-demand' },
  }),
  row(`${C}.allow_mixed_pricing`, false, {
    bench: { groupChanges: { spot_fallback: 'on-demand' } },
    with: { [I]: { purchasing_option: 'spot' } },
    recipe: { purchasing: 'spot', spotFallback: 'none' },
  }),
  row(`${C}.cost_alert_threshold`, 100, { kept: {}, recipe: { advice: { alertAt: '100000000' } } }),
  row(`${C}.auto_terminate_hours`, 5, { recipe: { advice: { endAfterSeconds: 18_000 } } }),
  row(`${N}.placement_group_name`, 'site-cluster', {
    with: CLUSTER,
    recipe: { grouping: { strategy: 'cluster', name: 'site-cluster' } },
  }),
  row(`${N}.placement_group_name`, 'site-spread', { with: CLUSTER, refused: 'plan_contradiction' }),
  row(`${N}.placement_group_name`, 'nowhere', { with: CLUSTER, refused: 'plan_contradiction' }),
  row(`${N}.availability_zones`, ['us-east-1b'], {
    recipe: { zones: ['us-east-1b'], subnetIds: [SUBNET_B] },
  }),
  row(`${N}.availability_zones`, ['us-east-2a'], { refused: 'plan_no_subnet' }),
  row(`${N}.single_az_required`, true, {
    bench: { recipe: { oneZone: false } },
    recipe: { oneZone: true },
  }),
  row(`${N}.single_az_required`, true, {
    bench: { nodes: 8 },
    with: { [N]: { placement_group_type: 'spread' } },
    refused: 'plan_contradiction',
  }),
  row(`${N}.single_az_required`, false, { recipe: { oneZone: false } }),
  row(`${E}.job_id`, '101', { refused: 'plan_job_mismatch' }),
  row(`${E}.job_id`, 'standalone', { recipe: {} }),
  row(`${E}.user_id`, 'bob', { refused: 'plan_account' }),
  row(`${E}.project_id`, 'physics', { refused: 'plan_account' }),
  row(`${E}.priority`, 'urgent', {
    with: { [I]: { purchasing_option: 'spot' } },
    recipe: { purchasing: 'spot', spotFallback: 'on-demand', onDemandFirst: true },
  }),
  row(`${E}.priority`, 'urgent', {
    with: { [I]: { purchasing_option: 'on-demand' } },
    recipe: { purchasing: 'on-demand' },
  }),
  row(`${E}.priority`, 'low', {
    with: { [I]: { purchasing_option: 'mixed' } },
    recipe: { purchasing: 'spot', spotFallback: 'none' },
  }),
  row(`${E}.priority`, 'now', { refused: 'plan_type' }),
  row(`${E}.analysis_timestamp`, '2026-11-20T11:00:00Z', { refused: 'plan_expired' }),
  row(`${E}.analysis_timestamp`, '2026-11-20T13:00:00+00:00', { recipe: {} }),
  row(`${E}.asba_version`, '0.3.0', { kept: { asba_version: '0.3.0' } }),
  row(`${E}.decision_factors`, ['a', 'b'], { kept: { decision_factors: 'a, b' } }),
  row(`${E}.expected_performance.onpremise_wait_time`, '6h0m0s', {
    kept: { onpremise_wait_time: '6h0m0s' },
  }),
  row(`${E}.expected_performance.onpremise_wait_time`, '', { refused: 'plan_type' }),
  row(`${E}.expected_performance.aws_provision_time`, '4m0s', {
    kept: { aws_provision_time: '4m0s' },
  }),
  row(`${E}.expected_performance.network_latency`, '20us', { kept: { network_latency: '20us' } }),
  row(`${E}.expected_performance.storage_latency`, '1', { refused: 'plan_type' }),
  row(
    `${E}.tags`,
    { Field: 'oceanography', 'asbb:hold': '7', Name: 'x' },
    {
      recipe: { tags: [{ key: 'Field', value: 'oceanography' }] },
      noted: 'plan_no_effect',
    },
  ),
  row(
    `${E}.tags`,
    { max_total_cost: 'x' },
    { recipe: { tags: [{ key: 'max_total_cost', value: 'x' }] } },
  ),
  row(`${E}.tags`, { max_total_cost: 3 }, { refused: 'plan_type' }),
  row(`${E}.tags`, Object.fromEntries(Array.from({ length: 41 }, (_, n) => [`k${n}`, 'v'])), {
    refused: 'plan_type',
  }),
];
