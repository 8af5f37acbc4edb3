import { SUBNET_A } from '../support/site.ts';
import { C, CLUSTER, EFA_TYPES, I, M, MPI, N, OTHER_HASH, type Row, row } from './field-rows.ts';
import { merged, SCRIPT_HASH } from './support.ts';

// Fields of an advisor's plan alone; as in field-rows.

const J = 'job_metadata';
const P = 'performance_target';

export const ONLY_ASBA: readonly Row[] = [
  row(`${I}.instance_count`, 3, { refused: 'plan_node_count' }),
  row(`${I}.instance_count`, 2, { recipe: {} }),
  row(`${I}.spot_instance_config.enable_spot`, false, {
    with: { [I]: { purchasing_option: 'spot' } },
    refused: 'plan_contradiction',
  }),
  row(`${I}.spot_instance_config.enable_spot`, false, {
    with: { [I]: { purchasing_option: 'mixed' } },
    refused: 'plan_contradiction',
  }),
  row(`${I}.spot_instance_config.enable_spot`, false, {
    with: { [C]: { prefer_spot: true } },
    refused: 'plan_contradiction',
  }),
  row(`${I}.spot_instance_config.enable_spot`, false, { recipe: { purchasing: 'on-demand' } }),
  row(`${I}.spot_instance_config.spot_fleet_request`, true, { noted: 'plan_no_effect' }),
  row(`${I}.spot_instance_config.max_spot_price`, 0.09, {
    recipe: { candidates: [{ spotPrice: '0.09' }, {}] },
  }),
  row(`${I}.spot_instance_config.spot_interruption_tolerance`, 0.2, {
    kept: { spot_interruption_tolerance: '0.2' },
    noted: 'plan_no_effect',
  }),
  row(`${I}.spot_instance_config.spot_interruption_tolerance`, 2, { refused: 'plan_type' }),
  row(`${I}.spot_instance_config.fallback_to_on_demand`, false, {
    with: { [I]: { purchasing_option: 'spot' } },
    recipe: { spotFallback: 'none' },
  }),
  row(`${I}.placement_group`, 'partition', { recipe: { grouping: { strategy: 'partition' } } }),
  row(`${I}.availability_zones`, ['us-east-1a'], { recipe: { subnetIds: [SUBNET_A] } }),
  row(`${M}.processes_per_node`, 2, {
    with: merged(CLUSTER, { [M]: { is_mpi_job: true, process_count: 9 } }),
    noted: 'plan_tasks',
  }),
  row(`${M}.processes_per_node`, 0, { with: MPI, refused: 'plan_mpi_processes' }),
  row(`${M}.mpi_library`, 'Intel MPI', {
    recipe: { tags: [{ key: 'asbb:mpi', value: 'Intel MPI' }] },
  }),
  row(`${M}.communication_pattern`, 'all-to-all', {
    kept: { communication_pattern: 'all-to-all' },
    noted: 'plan_no_effect',
  }),
  row(
    `${M}.mpi_tuning_params`,
    { a: 'b' },
    { kept: { mpi_tuning_params: 'a=b' }, noted: 'plan_no_effect' },
  ),
  row(`${C}.budget_account`, 'physics', { refused: 'plan_account' }),
  row(`${C}.cost_tolerance`, 0.5, {
    with: { [C]: { max_total_cost: 0.36 }, [I]: { purchasing_option: 'spot' } },
    recipe: { ceilings: {} },
  }),
  row(`${C}.cost_tolerance`, 1.5, { refused: 'plan_type' }),
  row(`${N}.enable_efa`, true, { with: EFA_TYPES, recipe: { efa: 'preferred' } }),
  row(`${N}.enable_efa`, true, {
    with: merged(EFA_TYPES, { [N]: { enhanced_networking: false } }),
    refused: 'plan_contradiction',
  }),
  row(`${N}.enable_sr_iov`, true, { noted: 'plan_no_effect' }),
  row(`${N}.bandwidth_requirement`, 'high', {
    kept: { bandwidth_requirement: 'high' },
    noted: 'plan_no_effect',
  }),
  ...['job_name', 'script_path', 'user', 'detected_domain', 'workload_type'].map((name) =>
    row(`${J}.${name}`, 'word', { kept: { [name]: 'word' } }),
  ),
  row(`${J}.account`, 'physics', { refused: 'plan_account' }),
  row(`${J}.script_hash`, SCRIPT_HASH.toUpperCase(), { recipe: {} }),
  row(`${J}.script_hash`, OTHER_HASH, { refused: 'plan_script_changed' }),
  row(`${J}.script_hash`, 'hash_/home/ada/job.sh', { recipe: {} }),
  row('asba_version', '0.3.0', { kept: { asba_version: '0.3.0' } }),
  row('generated_at', '2026-11-19T12:00:00Z', { refused: 'plan_expired' }),
  ...['network_utilization', 'cpu_efficiency_target', 'memory_efficiency_target'].map((name) =>
    row(`${P}.${name}`, 80.5, { kept: { [name]: '80.5' } }),
  ),
  row(`${P}.expected_runtime`, 7_200_000_000_000, { kept: { expected_runtime: '7200000000000' } }),
  row(`${P}.scaling_efficiency`, 0.9, { kept: { scaling_efficiency: '0.9' } }),
  row(`${P}.scaling_efficiency`, 1.01, { refused: 'plan_type' }),
  row(`${P}.performance_model`, 'linear', { kept: { performance_model: 'linear' } }),
  row('recommendation_reasoning', ['cheap'], { kept: { recommendation_reasoning: 'cheap' } }),
  row('confidence_level', 0.8, { kept: { confidence_level: '0.8' } }),
  row('optimization_applied', ['spot'], { kept: { optimization_applied: 'spot' } }),
];
