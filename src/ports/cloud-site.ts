import type { Offering } from '../core/burst/catalog.ts';
import type {
  Caller,
  SiteGroup,
  SiteImage,
  SiteSubnet,
  SiteTemplate,
  SiteType,
} from '../core/burst/validate/facts.ts';
import type { CloudRefusal } from './cloud.ts';

// What EC2 and STS say of a site before anything is launched (burst.md 1.5). Nothing here changes
// anything and nothing throws: what cannot be asked is a refusal with EC2's code, or `NotSent`,
// `NoCredentials` or '' when no answer came.

/** What a dry run of a call needs to be a whole one. */
export interface Rehearsal {
  readonly cluster: string;
  /** Any instance of ours; '' without one: then calls on instances cannot be tried. */
  readonly instanceId: string;
  readonly templateId: string;
  readonly templateVersion: string;
  readonly instanceType: string;
  readonly subnetId: string;
  readonly iamInstanceProfile: string;
}

/** `allowed`, or why not: `UnauthorizedOperation` is a no, every other code no answer. */
export type Permission = 'allowed' | CloudRefusal;

export interface CloudSite {
  caller(): Promise<Caller | CloudRefusal>;
  subnet(subnetId: string): Promise<SiteSubnet | CloudRefusal>;
  template(name: string, id: string, version: string): Promise<SiteTemplate | CloudRefusal>;
  image(imageId: string): Promise<SiteImage | CloudRefusal>;
  securityGroup(groupId: string): Promise<SiteGroup | CloudRefusal>;
  /** Types that EC2 does not know are left out. */
  types(instanceTypes: readonly string[]): Promise<readonly SiteType[] | CloudRefusal>;
  offerings(instanceTypes: readonly string[]): Promise<readonly Offering[] | CloudRefusal>;
  /** How many this account has in the region. */
  placementGroupCount(): Promise<number | CloudRefusal>;
  hasSpotRequests(): Promise<boolean | CloudRefusal>;
  /** One that carries the cluster's tag and is not terminated; '' without any. */
  someInstance(cluster: string): Promise<string | CloudRefusal>;
  /** Would this action of burst.md 5.8 be allowed? Asked with DryRun. */
  mayDo(action: string, rehearsal: Rehearsal): Promise<Permission>;
  /** The `Date` header of the last answer, seconds; undefined before the first. */
  serverTimeS(): number | undefined;
}
