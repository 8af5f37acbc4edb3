import type { Offering, TypeFacts } from '../core/burst/catalog.ts';
import type { LaunchRequest, Lifecycle, SpotPrice } from '../core/burst/launch.ts';
import type { JsonObject } from '../core/json.ts';

// EC2 in core words. Errors of a launch are values, because the flow decides by their class
// (burst.md 5.6); every other failure is a Fault (75 when a repeat may help).

export interface LaunchedInstance {
  readonly instanceId: string;
  readonly instanceType: string;
  readonly subnetId: string;
  readonly zone: string;
  readonly lifecycle: Lifecycle;
}

export interface LaunchError {
  readonly code: string;
  readonly message: string;
  readonly instanceType: string;
  readonly subnetId: string;
  readonly zone: string;
  /** Of the part of the call that failed. */
  readonly lifecycle: Lifecycle;
}

/** `unknown`: the call may have launched; look up by intent tag before anything else (burst.md 5.6). */
export type LaunchAnswer =
  | {
      readonly kind: 'answered';
      readonly fleetId: string;
      readonly instances: readonly LaunchedInstance[];
      readonly errors: readonly LaunchError[];
    }
  | {
      readonly kind: 'refused';
      readonly code: string;
      readonly message: string;
      readonly status: number;
      /** Not sent: the shared API budget has room for it after so long (burst.md 5.7). */
      readonly roomInMs?: number | undefined;
    }
  | { readonly kind: 'unknown'; readonly message: string };

export interface CloudInstance {
  readonly instanceId: string;
  readonly instanceType: string;
  readonly zone: string;
  readonly lifecycle: Lifecycle;
  /** pending, running, shutting-down, terminated, stopping, stopped. */
  readonly state: string;
  readonly launchS: number;
  readonly privateIp: string;
  readonly privateDnsName: string;
  readonly clientToken: string;
  readonly spotRequestId: string;
  readonly tags: Readonly<Record<string, string>>;
  /** `User initiated (2026-01-01 00:00:00 GMT)` or ''. */
  readonly stateTransitionReason: string;
  readonly stateReasonCode: string;
}

/** By tags but for `ids`; tags may show later than the instance. Instances in any state are found. */
export type InstanceSelector =
  | { readonly by: 'ids'; readonly ids: readonly string[] }
  | { readonly by: 'intent'; readonly cluster: string; readonly intentId: number }
  | { readonly by: 'intents'; readonly cluster: string; readonly intentIds: readonly number[] }
  | { readonly by: 'cluster'; readonly cluster: string }
  /** Of the program before this one: `ManagedBy=aws-slurm-burst`, any cluster's. Only looked at. */
  | { readonly by: 'legacy' }
  | { readonly by: 'nodes'; readonly cluster: string; readonly nodes: readonly string[] };

/** A call that EC2 understood and did not do; the code decides what follows (burst.md 5.6). */
export interface CloudRefusal {
  readonly code: string;
  readonly message: string;
  readonly status: number;
}

export function isCloudRefusal(answer: object): answer is CloudRefusal {
  return 'code' in answer;
}

export interface TerminateAnswer {
  /** Accepted; ids that are gone already are here too. */
  readonly terminated: readonly { readonly instanceId: string; readonly previousState: string }[];
  readonly unknown: readonly string[];
  readonly failed: readonly { readonly instanceId: string; readonly code: string }[];
}

export interface SpotRequest {
  readonly spotRequestId: string;
  readonly instanceId: string;
  readonly statusCode: string;
  readonly statusUpdatedS: number | undefined;
}

/** A running instance that EC2 has bad news of. */
export interface InstanceHealth {
  readonly instanceId: string;
  /** Since when its instance or system status check fails. */
  readonly impairedS?: number | undefined;
  /** Scheduled events, soonest first. */
  readonly events: readonly { readonly code: string; readonly atS: number }[];
}

export interface Subnet {
  readonly subnetId: string;
  readonly zone: string;
  readonly freeAddresses: number;
}

export interface LaunchTemplate {
  readonly id: string;
  /** Absent: EC2 was not asked. */
  readonly name?: string | undefined;
  readonly version: string;
  /** It attaches an interface with EFA (burst.md 4.4). */
  readonly hasEfa: boolean;
  /** GiB of the volumes that end with an instance of it (burst.md COST-8); only with `cost.include_ebs`. */
  readonly volumes?: readonly number[] | undefined;
}

/** A launch call in EC2's own words. */
export interface DescribedLaunch {
  readonly action: 'CreateFleet' | 'RunInstances';
  readonly request: JsonObject;
}

export interface Cloud {
  /** The run ends then: until that no call waits longer for the shared API budget (burst.md 5.7). */
  waitUntil(deadline: { leftMs(): number }): void;
  /** What `launch` would send. */
  described(request: LaunchRequest): DescribedLaunch;
  /** EC2's own answer to the call with DryRun: '' when it may be made, else the code. */
  permits(request: LaunchRequest): Promise<string>;
  launch(request: LaunchRequest): Promise<LaunchAnswer>;
  /** All pages or a Fault: an incomplete listing is never returned. Unknown ids are left out. */
  instances(selector: InstanceSelector): Promise<readonly CloudInstance[]>;
  /** Never a Fault: what could not be asked for is in `failed`. One bad id does not stop the others. */
  terminate(instanceIds: readonly string[]): Promise<TerminateAnswer>;
  reboot(instanceIds: readonly string[]): Promise<void>;
  tag(instanceIds: readonly string[], tags: Readonly<Record<string, string>>): Promise<void>;
  /** Undefined: it exists now, also when an earlier call of ours had made it. */
  createPlacementGroup(
    name: string,
    strategy: 'cluster' | 'partition' | 'spread',
    tags: Readonly<Record<string, string>>,
  ): Promise<CloudRefusal | undefined>;
  /** False: still in use, try later. True also when it does not exist. */
  deletePlacementGroup(name: string): Promise<boolean>;
  /** Of a group that exists in this region, whoever made it; undefined: there is none. */
  placementStrategy(name: string): Promise<string | undefined>;
  /** Those that carry the cluster's tag. */
  placementGroups(
    cluster: string,
  ): Promise<readonly { name: string; tags: Readonly<Record<string, string>> }[]>;
  /** Resolves `$Latest`, `$Default` and a name to an id and a number. A refusal: class request or permission. */
  launchTemplate(name: string, id: string, version: string): Promise<LaunchTemplate | CloudRefusal>;
  /** A refusal: class request or permission. */
  subnets(subnetIds: readonly string[]): Promise<readonly Subnet[] | CloudRefusal>;
  /** In which zones EC2 sells these types; says nothing about capacity (GANG-7). */
  offerings(instanceTypes: readonly string[]): Promise<readonly Offering[]>;
  /** By names, or patterns as `c6i.*`; what EC2 does not know is left out (burst.md 4.7). */
  instanceTypes(names: readonly string[]): Promise<readonly TypeFacts[]>;
  /** The price in force at `fromS` and every later change up to `toS`, oldest first. */
  spotPrices(
    instanceTypes: readonly string[],
    zones: readonly string[],
    fromS: number,
    toS: number,
  ): Promise<readonly SpotPrice[]>;
  spotRequests(spotRequestIds: readonly string[]): Promise<readonly SpotRequest[]>;
  /** Requests of the account whose instances EC2 is about to take back (marked-for-termination). */
  spotNotices(): Promise<readonly SpotRequest[]>;
  /** All instances of the account with a failed check or one of these events, in three listings. */
  health(eventCodes: readonly string[]): Promise<readonly InstanceHealth[]>;
  /** The `Date` header of the last answer, seconds; undefined before the first (burst.md F47). */
  serverTimeS(): number | undefined;
}
