import type { Money } from '../../money/money.ts';

/**
 * An execution plan of either dialect in one form (burst.md 3). Texts of its author are as written and
 * not checked; amounts are in micro-dollars, 0 where the plan says "none".
 */
export interface ExecutionPlan {
  readonly dialect: 'asbx' | 'asba';
  readonly shouldBurst: boolean;
  readonly instances: PlanInstances;
  /** Absent: the job is not MPI. */
  readonly mpi?: PlanMpi | undefined;
  readonly cost: PlanCost;
  readonly network: PlanNetwork;
  readonly about: PlanAbout;
}

export interface PlanInstances {
  /** Most wanted first. */
  readonly types: readonly string[];
  readonly count?: number | undefined;
  readonly purchasing: string;
  readonly maxSpotPrice: Money;
  readonly subnetIds: readonly string[];
  readonly templateName: string;
  readonly templateId: string;
  readonly securityGroupIds: readonly string[];
  readonly iamInstanceProfile: string;
  readonly userData: string;
  /** `spot_instance_config`, with what it says of spot and its fallback. */
  readonly isSpotEnabled?: boolean | undefined;
  readonly fallsBack?: boolean | undefined;
}

export interface PlanMpi {
  readonly isMpi: boolean;
  readonly processes: number;
  readonly processesPerNode?: number | undefined;
  readonly isGang: boolean;
  readonly library: string;
  /** Absent: it says nothing, the table of node counts decides. */
  readonly requiresEfa?: boolean | undefined;
  readonly efaGeneration: number;
}

export interface PlanCost {
  readonly total: Money;
  readonly perHour: Money;
  readonly durationSeconds: number;
  readonly prefersSpot: boolean;
  /** Absent: as the node group has it. */
  readonly allowsMixed?: boolean | undefined;
  readonly alertAt: Money;
  readonly endAfterSeconds: number;
  readonly account: string;
  /** 0 to 1. */
  readonly tolerance: number;
}

export interface PlanNetwork {
  readonly placement: string;
  readonly placementGroup: string;
  readonly isEnhanced?: boolean | undefined;
  readonly enablesEfa: boolean;
  readonly zones: readonly string[];
  /** Every node in one zone, also where nothing else asks for it. */
  readonly isOneZone: boolean;
  readonly latencyClass: string;
}

/** Whom it is for and since when. */
export interface PlanAbout {
  readonly version: number;
  readonly writtenS?: number | undefined;
  readonly expiresS?: number | undefined;
  readonly jobId: string;
  readonly user: string;
  /** Of `project_id` or `account`. */
  readonly account: string;
  /** Of the batch script, 64 hex digits each. */
  readonly scriptHashes: readonly string[];
  readonly priority: string;
  readonly tags: readonly { readonly key: string; readonly value: string }[];
  /** What is only kept with the job, by its path in the plan (burst.md 8.6). */
  readonly kept: Readonly<Record<string, string>>;
}

/** A plan as it was read: its findings may leave nothing of it. */
export interface ReadPlan {
  /** Absent: it could not be read or is no plan. */
  readonly plan?: ExecutionPlan | undefined;
  readonly findings: readonly PlanFinding[];
  /** SHA-256 of the file, hex; '' when it could not be read. */
  readonly digest: string;
}

/** What a plan can be refused for (burst.md 3.4). */
export const PLAN_CODES = [
  'plan_unreadable',
  'plan_not_json',
  'plan_too_large',
  'plan_forbidden_owner',
  'plan_ambiguous',
  'plan_type',
  'not_recommended',
  'plan_no_types',
  'plan_no_subnet',
  'plan_purchasing',
  'plan_mpi_no_placement',
  'plan_mpi_processes',
  'plan_gang_no_placement',
  'plan_contradiction',
  'plan_cost_inconsistent',
  'plan_cost_total',
  'plan_cost_hour',
  'plan_node_count',
  'plan_unknown_type',
  'plan_type_not_offered',
  'plan_type_too_small',
  'plan_type_no_efa',
  'plan_type_no_spot',
  'plan_template_forbidden',
  'plan_profile_forbidden',
  'plan_user_data_forbidden',
  'plan_job_mismatch',
  'plan_account',
  'plan_script_changed',
  'plan_expired',
  'plan_version',
] as const;

export type PlanCode = (typeof PLAN_CODES)[number];

/** Only said, never a reason to refuse. */
export type PlanRemark = 'plan_unknown_key' | 'plan_tasks' | 'plan_duration' | 'plan_no_effect';

export interface PlanFinding {
  readonly id: PlanCode | PlanRemark;
  /** `error`: the plan is refused. */
  readonly severity: 'error' | 'warning' | 'note';
  /** Where in the plan, dotted. */
  readonly path: string;
  readonly message: string;
  readonly fix: string;
}

const FIXES: Readonly<Record<PlanCode | PlanRemark, string>> = {
  plan_unreadable: 'name a regular file that asbb may read',
  plan_not_json: 'write it as one JSON object',
  plan_too_large: 'keep it below 1 MiB',
  plan_forbidden_owner: 'give it to root, the SlurmUser or the user of the job, mode 0644',
  plan_ambiguous: 'keep execution_metadata or job_metadata, not both',
  plan_type: 'correct the value',
  not_recommended: 'run the job on premises',
  plan_no_types: 'list instance_types',
  plan_no_subnet: 'name subnets of the node group, or list them in burst.allowed_subnets',
  plan_purchasing: 'one of spot, on-demand, mixed',
  plan_mpi_no_placement: 'set network_configuration.placement_group_type',
  plan_mpi_processes: 'set process_count',
  plan_gang_no_placement: 'set network_configuration.placement_group_type',
  plan_contradiction: 'remove one of the two',
  plan_cost_inconsistent: 'raise max_total_cost, or lower max_cost_per_hour or the hours',
  plan_cost_total: 'raise max_total_cost, list cheaper types or ask for less time',
  plan_cost_hour: 'raise max_cost_per_hour or list cheaper types',
  plan_node_count: 'make the plan for the nodes that the job asks for',
  plan_unknown_type: 'name a type that EC2 sells and whose price is known',
  plan_type_not_offered: 'list a type that is offered in a zone of the subnets',
  plan_type_too_small: 'list a type with the CPUs, memory and GPUs that the nodes declare',
  plan_type_no_efa: 'list a size with EFA, such as c6i.32xlarge',
  plan_type_no_spot: 'use purchasing_option on-demand for this type',
  plan_template_forbidden: 'leave it out, or list the template in burst.allowed_launch_templates',
  plan_profile_forbidden: 'leave iam_instance_profile out',
  plan_user_data_forbidden: 'leave user_data out; the launch template has it',
  plan_job_mismatch: 'make a plan for this job',
  plan_account: 'make the plan for the user and account of the job',
  plan_script_changed: 'analyse the script again',
  plan_expired: 'make a new plan',
  plan_version: 'write plan_version 1',
  plan_unknown_key: 'is the name spelled right? It is ignored',
  plan_tasks: 'compare with --ntasks of the job',
  plan_duration: 'compare with --time of the job',
  plan_no_effect: 'nothing to do',
};

export interface FindingPlace {
  readonly path: string;
  readonly message: string;
}

export function planError(id: PlanCode, { path, message }: FindingPlace): PlanFinding {
  return { id, severity: 'error', path, message, fix: FIXES[id] };
}

export function planWarning(
  id: PlanCode | PlanRemark,
  { path, message }: FindingPlace,
): PlanFinding {
  return { id, severity: 'warning', path, message, fix: FIXES[id] };
}

export function planNote(id: PlanRemark, { path, message }: FindingPlace): PlanFinding {
  return { id, severity: 'note', path, message, fix: FIXES[id] };
}

/** Why it is refused: the first error. */
export function refusalOf(findings: readonly PlanFinding[]): PlanFinding | undefined {
  return findings.find(({ severity }) => severity === 'error');
}
