import type { Lifecycle } from './launch.ts';

export const TAG = {
  managedBy: 'ManagedBy',
  cluster: 'asbb:cluster',
  intent: 'asbb:intent',
  attempt: 'asbb:attempt',
  job: 'asbb:job',
  hold: 'asbb:hold',
  account: 'asbb:account',
  lifecycle: 'asbb:lifecycle',
  partition: 'Partition',
  nodeGroup: 'NodeGroup',
  jobId: 'JobID',
  name: 'Name',
  slurmNode: 'SlurmNode',
} as const;

/** EC2's limit of one resource. */
const TAGS_MAX = 50;

/** What is left for those of the configuration and of a plan (burst.md 5.5). */
export const OWN_TAGS_MAX = TAGS_MAX - Object.keys(TAG).length;

/** Never taken from a plan. */
export const RESERVED_TAG =
  /^(?:aws:.*|asbb:.*|ManagedBy|Partition|NodeGroup|JobID|Name|SlurmNode)$/iu;

export const MANAGED_BY = 'asbb';
const RESERVED: ReadonlySet<string> = new Set(Object.values(TAG));
const UNWANTED = /[^\p{L}\p{N} +\-=._:/@]/gu;
const VALUE_MAX = 256;

export interface LaunchTags {
  readonly cluster: string;
  readonly intentId: number;
  readonly attempt: number;
  /** Absent for nodes that no job asked for. */
  readonly jobId?: number | undefined;
  readonly holdId?: number | undefined;
  readonly account: string;
  readonly partition: string;
  readonly nodeGroup: string;
  /** Absent when the call brings both kinds. */
  readonly lifecycle: Lifecycle | undefined;
  /** Of the configuration; they cannot override ours. */
  readonly own: readonly { readonly key: string; readonly value: string }[];
}

/** Every tag of a launch (burst.md 5.5). They are the only link when a reply is lost. */
export function launchTags(of: LaunchTags): Readonly<Record<string, string>> {
  const job =
    of.jobId === undefined ? {} : { [TAG.job]: `${of.jobId}`, [TAG.jobId]: `${of.jobId}` };
  const hold = of.holdId === undefined ? {} : { [TAG.hold]: `${of.holdId}` };
  const own = of.own
    .filter(({ key }) => !RESERVED.has(key))
    .map(({ key, value }) => [key, value] as const);
  return cleaned({
    ...Object.fromEntries(own),
    [TAG.managedBy]: MANAGED_BY,
    [TAG.cluster]: of.cluster,
    [TAG.intent]: `${of.intentId}`,
    [TAG.attempt]: `${of.attempt}`,
    ...job,
    ...hold,
    [TAG.account]: of.account,
    [TAG.partition]: of.partition,
    [TAG.nodeGroup]: of.nodeGroup,
    ...(of.lifecycle === undefined ? {} : { [TAG.lifecycle]: of.lifecycle }),
  });
}

/** What an instance learns at bind: its own name, from instance metadata. */
export function nodeTags(node: string): Readonly<Record<string, string>> {
  return { [TAG.name]: node, [TAG.slurmNode]: node };
}

/** EC2 allows letters, digits, space and `+ - = . _ : / @` everywhere; at most 256 characters. */
export function cleanTagValue(value: string): string {
  return [...value.replaceAll(UNWANTED, '_')].slice(0, VALUE_MAX).join('');
}

function cleaned(tags: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(tags).map(([key, value]) => [key, cleanTagValue(value)]),
  );
}

/** The intent that an instance says it comes from; undefined when it says none. */
export function intentOfTags(tags: Readonly<Record<string, string>>): number | undefined {
  return wholeNumber(tags[TAG.intent]);
}

/** A whole number above 0; undefined for anything else. */
export function numberTag(tags: Readonly<Record<string, string>>, key: string): number | undefined {
  return wholeNumber(tags[key]);
}

export function holdOfTags(tags: Readonly<Record<string, string>>): number | undefined {
  return wholeNumber(tags[TAG.hold]);
}

export function nodeOfTags(tags: Readonly<Record<string, string>>): string | undefined {
  return tags[TAG.slurmNode] ?? tags[TAG.name];
}

const WHOLE = /^[1-9][0-9]{0,14}$/;

function wholeNumber(text: string | undefined): number | undefined {
  return text !== undefined && WHOLE.test(text) ? Number(text) : undefined;
}
