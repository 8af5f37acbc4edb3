import type { IamPolicy } from '../../schema/output/iam-policy.ts';
import type { PolicyDocument, PolicyStatement } from '../../src/core/burst/iam-policy.ts';

// As much of IAM as decides whether a recorded call of EC2 is allowed: which resources each action is
// checked against (Service Authorization Reference, Amazon EC2), and the two tests of conditions that
// the policy uses.

/** A request as the fake wrote it down. */
export interface RecordedCall {
  readonly action: string;
  readonly params: Readonly<Record<string, string>>;
}

export interface Account {
  readonly region: string;
  readonly account: string;
  /** Tags of each instance that ever was. */
  readonly tags: ReadonlyMap<string, Readonly<Record<string, string>>>;
  /** Subnets, images and groups that a launch template brings along. */
  readonly images: readonly string[];
  readonly securityGroups: readonly string[];
}

interface Need {
  readonly action: string;
  readonly resource: string;
  readonly context: Readonly<Record<string, string | readonly string[]>>;
}

const NUMBERED = /\.\d+/gu;
const SPECIAL = /[.+^${}()|[\]\\]/gu;

function wildcard(pattern: string): RegExp {
  return new RegExp(`^${pattern.replaceAll(SPECIAL, '\\$&').replaceAll('*', '.*')}$`, 'u');
}

/** Every value of a parameter, whatever its numbers. */
function values(params: RecordedCall['params'], name: string): readonly string[] {
  return Object.entries(params)
    .filter(([key]) => key.replaceAll(NUMBERED, '') === name)
    .map(([, value]) => value);
}

/** The tags below `TagSpecification.1.`. */
function tagsOf(params: RecordedCall['params'], prefix: string): Record<string, string> {
  const own = Object.entries(params).filter(
    ([name]) => name.startsWith(`${prefix}Tag.`) && name.endsWith('.Key'),
  );
  return Object.fromEntries(
    own.map(([name, key]) => [key, params[name.replace(/Key$/u, 'Value')] ?? '']),
  );
}

/** `instance` → its tags, of the TagSpecifications of a call. */
function taggedKinds(params: RecordedCall['params']): ReadonlyMap<string, Record<string, string>> {
  const kinds = new Map<string, Record<string, string>>();
  for (const [key, kind] of Object.entries(params)) {
    const [, number] = /^TagSpecification\.(\d+)\.ResourceType$/u.exec(key) ?? [];
    if (number !== undefined) {
      kinds.set(kind, tagsOf(params, `TagSpecification.${number}.`));
    }
  }
  return kinds;
}

function requestTags(tags: Readonly<Record<string, string>> = {}): Need['context'] {
  return Object.fromEntries(
    Object.entries(tags).map(([key, value]) => [`aws:RequestTag/${key}`, value]),
  );
}

function launchNeeds({ action, params }: RecordedCall, at: Account, arn: Arn): readonly Need[] {
  const kinds = taggedKinds(params);
  const fleet = 'LaunchTemplateConfigs.Overrides';
  const isFleet = action === 'CreateFleet';
  const parts = [
    ...values(params, isFleet ? `${fleet}.SubnetId` : 'SubnetId').map((id) => `subnet/${id}`),
    ...values(params, isFleet ? `${fleet}.Placement.GroupName` : 'Placement.GroupName').map(
      (name) => `placement-group/${name}`,
    ),
    ...values(
      params,
      isFleet
        ? 'LaunchTemplateConfigs.LaunchTemplateSpecification.LaunchTemplateId'
        : 'LaunchTemplate.LaunchTemplateId',
    ).map((id) => `launch-template/${id}`),
    ...values(params, 'SecurityGroupId').map((id) => `security-group/${id}`),
    ...at.securityGroups.map((id) => `security-group/${id}`),
    ...values(
      params,
      'CapacityReservationSpecification.CapacityReservationTarget.CapacityReservationId',
    ).map((id) => `capacity-reservation/${id}`),
    ...at.images.map((id) => `image/${id}`),
    'network-interface/*',
    'volume/*',
  ];
  const profiles = [
    ...values(params, isFleet ? `${fleet}.IamInstanceProfile.Name` : 'IamInstanceProfile.Name'),
  ];
  const actions = isFleet ? ['CreateFleet', 'RunInstances'] : ['RunInstances'];
  return [
    ...actions.flatMap((each) => [
      ...parts.map((part) => ({ action: `ec2:${each}`, resource: arn(part), context: {} })),
      {
        action: `ec2:${each}`,
        resource: arn('instance/*'),
        context: requestTags(kinds.get('instance')),
      },
    ]),
    ...(isFleet
      ? [
          {
            action: 'ec2:CreateFleet',
            resource: arn('fleet/*'),
            context: requestTags(kinds.get('fleet')),
          },
        ]
      : []),
    ...tagNeeds(action, kinds, arn),
    ...profiles.map((name) => ({
      action: 'iam:PassRole',
      resource: `arn:aws:iam::${at.account}:role/${name}`,
      context: { 'iam:PassedToService': 'ec2.amazonaws.com' },
    })),
  ];
}

function tagNeeds(
  action: string,
  kinds: ReadonlyMap<string, Record<string, string>>,
  arn: Arn,
): readonly Need[] {
  return [...kinds].map(([kind, tags]) => ({
    action: 'ec2:CreateTags',
    resource: arn(`${kind}/*`),
    context: { 'ec2:CreateAction': action, ...requestTags(tags) },
  }));
}

type Arn = (resource: string) => string;

function instanceNeeds(call: RecordedCall, at: Account, arn: Arn): readonly Need[] {
  const { action, params } = call;
  const ids = values(params, action === 'CreateTags' ? 'ResourceId' : 'InstanceId');
  return ids.map((id) => ({
    action: `ec2:${action}`,
    resource: arn(`instance/${id}`),
    context: {
      ...Object.fromEntries(
        Object.entries(at.tags.get(id) ?? {}).map(([key, tag]) => [`aws:ResourceTag/${key}`, tag]),
      ),
      ...(action === 'CreateTags' ? { 'aws:TagKeys': values(params, 'Tag.Key') } : {}),
    },
  }));
}

function needsOf(call: RecordedCall, at: Account): readonly Need[] {
  const { action, params } = call;
  function arn(resource: string): string {
    const account = resource.startsWith('image/') ? '' : at.account;
    return `arn:aws:ec2:${at.region}:${account}:${resource}`;
  }
  switch (action) {
    case 'RunInstances':
    case 'CreateFleet':
      return launchNeeds(call, at, arn);
    case 'CreateTags':
    case 'TerminateInstances':
    case 'RebootInstances':
      return instanceNeeds(call, at, arn);
    case 'CreatePlacementGroup':
    case 'DeletePlacementGroup':
      return [
        {
          action: `ec2:${action}`,
          resource: arn(`placement-group/${params['GroupName']}`),
          context: {},
        },
        ...tagNeeds(action, taggedKinds(params), arn),
      ];
    case 'GetCallerIdentity':
      return []; // nobody can be denied it
    case 'GetProducts':
      return [{ action: 'pricing:GetProducts', resource: '*', context: {} }];
    default:
      return [{ action: `ec2:${action}`, resource: '*', context: {} }];
  }
}

function holds(
  test: string,
  wanted: string | readonly string[],
  given: string | readonly string[] | undefined,
): boolean {
  const list = typeof wanted === 'string' ? [wanted] : wanted;
  const got = typeof given === 'string' ? [given] : (given ?? []);
  switch (test) {
    case 'StringEquals':
      return got.length > 0 && got.every((value) => list.includes(value));
    case 'ForAllValues:StringEquals':
      return got.every((value) => list.includes(value));
    default:
      throw new Error(`a condition that this double does not know: ${test}`);
  }
}

function allows(
  statement: PolicyStatement | IamPolicy['Statement'][number],
  { action, resource, context }: Need,
): boolean {
  return (
    statement.Action.includes(action) &&
    statement.Resource.some((pattern) => wildcard(pattern).test(resource)) &&
    Object.entries(statement.Condition ?? {}).every(([test, keys]) =>
      Object.entries(keys).every(([key, wanted]) => holds(test, wanted, context[key])),
    )
  );
}

/** What of the calls the policy does not allow: `action resource {context}`, each once. */
export function denials(
  policy: PolicyDocument | IamPolicy,
  calls: readonly RecordedCall[],
  at: Account,
): readonly string[] {
  const denied = calls
    .flatMap((call) => needsOf(call, at))
    .filter((need) => !policy.Statement.some((statement) => allows(statement, need)));
  return [
    ...new Set(
      denied.map(({ action, resource, context }) => {
        return `${action} ${resource} ${JSON.stringify(context)}`;
      }),
    ),
  ];
}
