import { SUBNET_B } from '../support/site.ts';
import { type Row, row } from './field-rows.ts';
import { merged } from './support.ts';

const I = 'instance_specification';
const M = 'mpi_configuration';
const N = 'network_configuration';
const E = 'execution_metadata';
const MPI = { [M]: { is_mpi_job: true, process_count: 1 } };
const BIG = { instance_types: ['c5.xlarge', 'c5n.18xlarge'] };

const POOL = { isPool: true, settings: { cost: { pool_account: 'chem' } } };
const NO_JOB = { [E]: { job_id: '' } };

function poolRow(field: string, value: unknown, more: Parameters<typeof row>[2]): Row {
  const { with: also = {}, bench = {}, ...rest } = more;
  return row(field, value, { ...rest, bench: { ...POOL, ...bench }, with: merged(NO_JOB, also) });
}

/** Nodes that somebody named by hand: no job waits for them. */
export const POOL_ROWS: readonly Row[] = [
  poolRow('should_burst', true, { recipe: { isWhole: false, oneZone: false, efa: 'disabled' } }),
  poolRow(`${M}.requires_gang_scheduling`, true, { recipe: { isWhole: true } }),
  poolRow(`${M}.requires_gang_scheduling`, false, { recipe: { isWhole: false } }),
  poolRow(`${M}.requires_gang_scheduling`, true, {
    bench: { nodes: 1 },
    recipe: { isWhole: false },
  }),
  poolRow(`${N}.single_az_required`, true, { recipe: { oneZone: true } }),
  poolRow(`${M}.requires_efa`, true, {
    with: { [I]: BIG },
    recipe: { efa: 'required', oneZone: true, candidates: [{ instanceType: 'c5n.18xlarge' }] },
  }),
  poolRow(`${M}.requires_efa`, true, { refused: 'plan_type_no_efa' }),
  poolRow(`${M}.is_mpi_job`, true, {
    with: MPI,
    recipe: { isMpi: true, isWhole: true, grouping: { strategy: 'cluster' }, oneZone: true },
  }),
  poolRow(`${M}.is_mpi_job`, true, {
    bench: { nodes: 16 },
    with: MPI,
    refused: 'plan_type_no_efa',
  }),
  poolRow(`${N}.placement_group_type`, 'cluster', {
    recipe: { grouping: { strategy: 'cluster' }, oneZone: true },
  }),
  poolRow(`${N}.placement_group_type`, 'spread', { recipe: { grouping: { strategy: 'spread' } } }),
  poolRow(`${N}.placement_group_type`, 'spread', {
    bench: { nodes: 8 },
    with: { [N]: { single_az_required: true } },
    refused: 'plan_contradiction',
  }),
  poolRow(`${N}.network_latency_class`, 'ultra-low', {
    recipe: { efa: 'preferred', grouping: { strategy: 'cluster' } },
  }),
  poolRow(`${N}.availability_zones`, ['us-east-1b'], { recipe: { subnetIds: [SUBNET_B] } }),
  poolRow(`${E}.job_id`, 'standalone', { recipe: {} }),
  row(`${E}.job_id`, '101', { bench: POOL, refused: 'plan_job_mismatch' }),
  poolRow(`${E}.project_id`, 'chem', { recipe: {} }),
  poolRow(`${E}.project_id`, 'physics', { refused: 'plan_account' }),
  poolRow(`${E}.user_id`, 'bob', { recipe: {}, noted: 'plan_account' }),
];
