import type { Rate } from '../money/rate.ts';
import type { KeptAdvice } from './plan/kept-advice.ts';

export type Lifecycle = 'spot' | 'on-demand';

/** How instances are bought; a `mixed` call brings spot and on-demand ones (burst.md 5.4). */
export type Purchasing = Lifecycle | 'mixed' | 'capacity-block';

export interface LaunchOverride {
  readonly instanceType: string;
  readonly subnetId: string;
  readonly maxPrice?: string | undefined;
  readonly priority: number;
}

/** One launch call, complete: repeated after a crash it is byte for byte the same. */
export interface LaunchRequest {
  readonly api: 'create-fleet' | 'run-instances';
  readonly clientToken: string;
  readonly count: number;
  readonly lifecycle: Purchasing;
  /** Of `count`, in a `mixed` call: the rest is on-demand. */
  readonly spotCount?: number | undefined;
  readonly allOrNothing: boolean;
  readonly singleInstanceType: boolean;
  readonly singleZone: boolean;
  readonly launchTemplateId: string;
  readonly launchTemplateVersion: string;
  readonly overrides: readonly LaunchOverride[];
  /** Of the on-demand part in a `mixed` call. */
  readonly allocationStrategy: string;
  readonly spotAllocationStrategy?: string | undefined;
  /** Dollars per hour of all spot instances of the call, as configured. */
  readonly maxTotalPrice?: string | undefined;
  /** Only with `lowest-price`. */
  readonly poolsToUse?: number | undefined;
  readonly useReservationsFirst?: boolean | undefined;
  readonly placementGroup?: string | undefined;
  readonly iamInstanceProfile?: string | undefined;
  readonly securityGroupIds: readonly string[];
  /** Raw text; RunInstances only. */
  readonly userData?: string | undefined;
  readonly tags: Readonly<Record<string, string>>;
}

/** Price of a spot pool from a moment on. */
export interface SpotPrice {
  readonly instanceType: string;
  readonly zone: string;
  readonly fromS: number;
  readonly rate: Rate;
}

/** What the ledger keeps of a launch call (IntentRow.request), enough to go on from it after a crash. */
export interface LaunchStep {
  readonly request: LaunchRequest;
  /** `PARTITION-GROUP`. */
  readonly nodeGroup: string;
  readonly zone: string;
  /** Count of launch rounds within the attempt; part of the client token. */
  readonly rung: number;
  readonly batch: number;
  readonly gang: GangNote;
  /** Of the placement group that is to be made; absent also for one that exists already. */
  readonly placementStrategy?: 'cluster' | 'partition' | 'spread' | undefined;
  /** The group is only a wish: its failure says nothing of the pools (burst.md 4.6). */
  readonly isGroupOptional?: boolean | undefined;
  /** 1e-10 dollar per hour by instance type, as text: what an instance costs from its launch on. */
  readonly rates: Readonly<Record<string, string>>;
  /** Of the spot instances of a `mixed` call. */
  readonly spotRates?: Readonly<Record<string, string>> | undefined;
  /** Micro-dollars a month, as text, of each volume of an instance; absent: not reckoned (COST-8). */
  readonly volumes?: readonly string[] | undefined;
  /** Why this type, zone, group: one line a rule. */
  readonly reasons: readonly string[];
  /** What a plan or the advisor said of the job; absent: nothing. */
  readonly advice?: KeptAdvice | undefined;
  /** The gang's own part of SLURM_RESUME_FILE as it was read; '' without a file. */
  readonly resumeFile: string;
}

/** Who stands and falls together with this launch (burst.md 5.3). */
export interface GangNote {
  readonly rule: 'all' | 'best-effort';
  readonly jobIds: readonly number[];
  /** Compressed list of every node of the gang, those of other launch calls included. */
  readonly nodes: string;
}

export function launchStepText(step: LaunchStep): string {
  return JSON.stringify(step);
}

/** Intent rows are written by launchStepText alone. */
export function launchStepOf(intent: { readonly request: string }): LaunchStep {
  return JSON.parse(intent.request) as LaunchStep;
}
