import type { Rate } from '../money/rate.ts';

export type Lifecycle = 'spot' | 'on-demand';

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
  readonly lifecycle: Lifecycle;
  readonly allOrNothing: boolean;
  readonly singleInstanceType: boolean;
  readonly singleZone: boolean;
  readonly launchTemplateId: string;
  readonly launchTemplateVersion: string;
  readonly overrides: readonly LaunchOverride[];
  readonly allocationStrategy: string;
  readonly placementGroup?: string | undefined;
  readonly iamInstanceProfile?: string | undefined;
  readonly securityGroupIds: readonly string[];
  readonly tags: Readonly<Record<string, string>>;
}

/** Price of a spot pool from a moment on. */
export interface SpotPrice {
  readonly instanceType: string;
  readonly zone: string;
  readonly fromS: number;
  readonly rate: Rate;
}
