import type { MappedVolume } from '../volumes.ts';
// What EC2 and STS say of a site (burst.md 1.5), as the port cloud-site asks for it.

/** Not answered: EC2's code, or `NotSent`, `NoCredentials` or '' when no answer came. */
export interface Unanswered {
  readonly code: string;
  readonly message: string;
}

export function isUnanswered(answer: unknown): answer is Unanswered {
  return typeof answer === 'object' && answer !== null && 'code' in answer;
}

export interface Caller {
  readonly arn: string;
  readonly account: string;
}

export interface SiteSubnet {
  readonly subnetId: string;
  readonly zone: string;
  readonly vpc: string;
  readonly freeAddresses: number;
}

/** What a launch template says of the instances made of it. '' where it says nothing. */
export interface SiteTemplate {
  readonly id: string;
  readonly version: string;
  /** `ami-…`, or `resolve:ssm:…`. */
  readonly imageId: string;
  readonly securityGroupIds: readonly string[];
  /** `enabled`: instances read their tags from their metadata. */
  readonly metadataTags: string;
  /** `required`: IMDSv2 alone. */
  readonly metadataTokens: string;
  readonly shutdownBehavior: string;
  /** One of its network interfaces is an EFA. */
  readonly hasEfa: boolean;
  readonly volumes: readonly MappedVolume[];
}

export interface SiteImage {
  readonly imageId: string;
  readonly state: string;
  readonly architecture: string;
  readonly volumes: readonly MappedVolume[];
}

/** One rule of a security group. */
export interface SiteRule {
  /** `tcp`, `udp`, …; `-1`: every one. */
  readonly protocol: string;
  /** Undefined: every port. */
  readonly fromPort: number | undefined;
  readonly toPort: number | undefined;
  /** Security groups at the other end. */
  readonly groupIds: readonly string[];
}

export interface SiteGroup {
  readonly groupId: string;
  readonly vpc: string;
  readonly ingress: readonly SiteRule[];
  /** Undefined: EC2 did not say. */
  readonly egress: readonly SiteRule[] | undefined;
}

export interface SiteType {
  readonly instanceType: string;
  readonly architectures: readonly string[];
  /** `on-demand`, `spot`, … */
  readonly usage: readonly string[];
  readonly efa: boolean;
}

export interface SiteOffering {
  readonly instanceType: string;
  readonly zone: string;
}
