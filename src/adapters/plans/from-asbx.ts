import type { AsbxPlan } from '../../../schema/input/execution-plan.ts';
import type { ExecutionPlan } from '../../core/burst/plan/plan.ts';
import { ALL_OR_NOTHING, gangWord, keptOf, type Sense, secondsOf } from './sense.ts';

const INSTANCES = 'instance_specification';
const COST = 'cost_constraints';
const ABOUT = 'execution_metadata';

/** The dialect of the original's executor. */
export function fromAsbx(data: AsbxPlan, told: Sense): ExecutionPlan {
  const { network_configuration: network } = data;
  const at = 'network_configuration';
  told.idle(`${at}.enhanced_networking`, network?.enhanced_networking, 'every type has it');
  told.idle(
    'mpi_configuration.requires_gang_scheduling',
    gangWord(data.mpi_configuration),
    ALL_OR_NOTHING,
  );
  return {
    dialect: 'asbx',
    shouldBurst: data.should_burst,
    instances: instancesOf(data, told),
    mpi: mpiOf(data),
    cost: costOf(data, told),
    network: {
      placement: network?.placement_group_type ?? '',
      placementGroup: network?.placement_group_name ?? '',
      isEnhanced: network?.enhanced_networking,
      enablesEfa: false,
      zones: network?.availability_zones ?? [],
      isOneZone: network?.single_az_required ?? false,
      latencyClass: network?.network_latency_class ?? '',
    },
    about: aboutOf(data, told),
  };
}

function instancesOf(data: AsbxPlan, told: Sense): ExecutionPlan['instances'] {
  const given = data.instance_specification;
  return {
    types: given?.instance_types ?? [],
    purchasing: given?.purchasing_option ?? '',
    maxSpotPrice: told.amount(`${INSTANCES}.max_spot_price`, given?.max_spot_price),
    subnetIds: given?.subnet_ids ?? [],
    templateName: given?.launch_template_name ?? '',
    templateId: given?.launch_template_id ?? '',
    securityGroupIds: given?.security_group_ids ?? [],
    iamInstanceProfile: given?.iam_instance_profile ?? '',
    userData: given?.user_data ?? '',
  };
}

function mpiOf({ mpi_configuration: mpi }: AsbxPlan): ExecutionPlan['mpi'] {
  return mpi === undefined || mpi === null
    ? undefined
    : {
        isMpi: mpi.is_mpi_job ?? false,
        processes: mpi.process_count ?? 0,
        isGang: mpi.requires_gang_scheduling ?? false,
        library: mpi.mpi_implementation ?? '',
        requiresEfa: mpi.requires_efa,
        efaGeneration: mpi.efa_generation ?? 0,
      };
}

function costOf({ cost_constraints: cost }: AsbxPlan, told: Sense): ExecutionPlan['cost'] {
  return {
    total: told.amount(`${COST}.max_total_cost`, cost?.max_total_cost),
    perHour: told.amount(`${COST}.max_cost_per_hour`, cost?.max_cost_per_hour),
    durationSeconds: secondsOf(cost?.max_duration_hours),
    prefersSpot: cost?.prefer_spot ?? false,
    allowsMixed: cost?.allow_mixed_pricing,
    alertAt: told.amount(`${COST}.cost_alert_threshold`, cost?.cost_alert_threshold),
    endAfterSeconds: secondsOf(cost?.auto_terminate_hours),
    account: '',
    tolerance: 0,
  };
}

function aboutOf(data: AsbxPlan, told: Sense): ExecutionPlan['about'] {
  const about = data.execution_metadata ?? {};
  const expected = about.expected_performance ?? {};
  for (const [name, text] of Object.entries(expected)) {
    told.duration(`${ABOUT}.expected_performance.${name}`, text);
  }
  return {
    version: data.plan_version ?? 0,
    writtenS: told.instant(`${ABOUT}.analysis_timestamp`, about.analysis_timestamp),
    expiresS: told.instant('expires_at', data.expires_at),
    jobId: about.job_id ?? '',
    user: about.user_id ?? '',
    account: about.project_id ?? '',
    scriptHashes: told.hashes('job_hash', data.job_hash),
    priority: about.priority ?? '',
    tags: Object.entries(about.tags ?? {}).map(([key, value]) => ({ key, value })),
    kept: keptOf({
      asba_version: about.asba_version,
      decision_factors: about.decision_factors,
      ...expected,
      process_count: data.mpi_configuration?.process_count,
      single_az_required: data.network_configuration?.single_az_required,
      max_total_cost: data.cost_constraints?.max_total_cost,
    }),
  };
}
