import type { AsbaPlan } from '../../../schema/input/execution-plan.ts';
import type { ExecutionPlan } from '../../core/burst/plan/plan.ts';
import { isZero, ZERO } from '../../core/money/money.ts';
import { ALL_OR_NOTHING, gangWord, hashesOf, keptOf, type Sense, secondsOf } from './sense.ts';

const INSTANCES = 'instance_specification';

/** The dialect of the original's advisor. */
export function fromAsba(data: AsbaPlan, told: Sense): ExecutionPlan {
  const { network_configuration: network, cost_constraints: cost } = data;
  const given = data.instance_specification;
  tellIdle(data, told);
  return {
    dialect: 'asba',
    shouldBurst: data.should_burst,
    instances: instancesOf(data, told),
    mpi: mpiOf(data),
    cost: {
      total: told.amount('cost_constraints.max_total_cost', cost?.max_total_cost),
      perHour: ZERO,
      durationSeconds: secondsOf(cost?.max_duration_hours),
      prefersSpot: cost?.prefer_spot ?? false,
      alertAt: ZERO,
      endAfterSeconds: 0,
      account: cost?.budget_account ?? '',
      tolerance: cost?.cost_tolerance ?? 0,
    },
    network: {
      placement: (network?.placement_group_type ?? '') || (given?.placement_group ?? ''),
      placementGroup: '',
      isEnhanced: network?.enhanced_networking,
      enablesEfa: network?.enable_efa ?? false,
      zones: given?.availability_zones ?? [],
      isOneZone: false,
      latencyClass: network?.network_latency_class ?? '',
    },
    about: aboutOf(data, told),
  };
}

const KEPT = 'is kept with the job and not executed';

function tellIdle(data: AsbaPlan, told: Sense): void {
  const { network_configuration: network, mpi_configuration: mpi } = data;
  const spot = data.instance_specification?.spot_instance_config;
  const at = `${INSTANCES}.spot_instance_config`;
  told.idle(`${at}.spot_fleet_request`, spot?.spot_fleet_request, 'an instant fleet is used');
  told.idle(`${at}.spot_interruption_tolerance`, spot?.spot_interruption_tolerance, KEPT);
  told.idle('network_configuration.enhanced_networking', network?.enhanced_networking, EVERY);
  told.idle('network_configuration.enable_sr_iov', network?.enable_sr_iov, EVERY);
  told.idle('network_configuration.bandwidth_requirement', network?.bandwidth_requirement, KEPT);
  told.idle('mpi_configuration.communication_pattern', mpi?.communication_pattern, KEPT);
  told.idle('mpi_configuration.mpi_tuning_params', mpi?.mpi_tuning_params, KEPT);
  told.idle('mpi_configuration.requires_gang_scheduling', gangWord(mpi), ALL_OR_NOTHING);
}

const EVERY = 'every type has it';

function instancesOf(data: AsbaPlan, told: Sense): ExecutionPlan['instances'] {
  const given = data.instance_specification;
  const spot = given?.spot_instance_config;
  const outer = told.amount(`${INSTANCES}.max_spot_price`, given?.max_spot_price);
  const inner = told.amount(
    `${INSTANCES}.spot_instance_config.max_spot_price`,
    spot?.max_spot_price,
  );
  return {
    types: given?.instance_types ?? [],
    count: given?.instance_count,
    purchasing: given?.purchasing_option ?? '',
    maxSpotPrice: isZero(outer) ? inner : outer,
    subnetIds: given?.subnet_ids ?? [],
    templateName: given?.launch_template_name ?? '',
    templateId: '',
    securityGroupIds: [],
    iamInstanceProfile: '',
    userData: '',
    isSpotEnabled: spot?.enable_spot,
    fallsBack: spot?.fallback_to_on_demand,
  };
}

function mpiOf({ mpi_configuration: mpi }: AsbaPlan): ExecutionPlan['mpi'] {
  return mpi === undefined || mpi === null
    ? undefined
    : {
        isMpi: mpi.is_mpi_job ?? false,
        processes: mpi.process_count ?? 0,
        processesPerNode: mpi.processes_per_node,
        isGang: mpi.requires_gang_scheduling ?? false,
        library: mpi.mpi_library ?? '',
        requiresEfa: mpi.requires_efa,
        efaGeneration: mpi.efa_generation ?? 0,
      };
}

function aboutOf(data: AsbaPlan, told: Sense): ExecutionPlan['about'] {
  const about = data.job_metadata ?? {};
  return {
    version: data.plan_version ?? 0,
    writtenS: told.instant('generated_at', data.generated_at),
    expiresS: told.instant('expires_at', data.expires_at),
    jobId: '',
    user: '', // the producer writes the account there
    account: about.account ?? '',
    scriptHashes: [
      ...new Set([...told.hashes('job_hash', data.job_hash), ...hashesOf(about.script_hash)]),
    ],
    priority: '',
    tags: [],
    kept: keptOf({
      ...data.performance_target,
      job_name: about.job_name,
      script_path: about.script_path,
      spot_interruption_tolerance:
        data.instance_specification?.spot_instance_config?.spot_interruption_tolerance,
      user: about.user,
      detected_domain: about.detected_domain,
      workload_type: about.workload_type,
      asba_version: data.asba_version,
      recommendation_reasoning: data.recommendation_reasoning,
      confidence_level: data.confidence_level,
      optimization_applied: data.optimization_applied,
      process_count: data.mpi_configuration?.process_count,
      communication_pattern: data.mpi_configuration?.communication_pattern,
      mpi_tuning_params: Object.entries(data.mpi_configuration?.mpi_tuning_params ?? {}).map(
        ([name, value]) => `${name}=${value}`,
      ),
      bandwidth_requirement: data.network_configuration?.bandwidth_requirement,
      max_total_cost: data.cost_constraints?.max_total_cost,
    }),
  };
}
