import type { Settings } from '../../config/settings.ts';
import type { RateOf } from '../prices.ts';
import { type Check, check, ok } from './check.ts';
import { type Caller, isUnanswered, type Unanswered } from './facts.ts';
import { said } from './group-checks.ts';

const SKEW_MAX_S = 60;
const SKEW_ERROR_S = 300;
/** EC2's default per region and account. */
const PLACEMENT_GROUPS_MAX = 500;
const PLACEMENT_GROUPS_MANY = 450;
const NOT_SENT = 'NotSent';
const NO_CREDENTIALS = 'NoCredentials';

/** Who we are to AWS. */
export function checkCaller(caller: Caller | Unanswered, { aws }: Settings): Check {
  const path = 'aws.authentication_method';
  if (!isUnanswered(caller)) {
    return ok('caller', path, `${caller.arn} by ${aws.authentication_method}`);
  }
  const fixes: Readonly<Record<string, string>> = {
    [NOT_SENT]: `let this machine reach the endpoints of ${aws.region} (port 443), or see aws.endpoint_url`,
    [NO_CREDENTIALS]: `give this machine credentials by ${aws.authentication_method}, or choose another method`,
  };
  const fix = fixes[caller.code] ?? 'see aws.authentication_method and the role that it names';
  return check('error', 'caller', path, [said(caller), fix]);
}

/** One action of burst.md 5.8. */
export function checkPermission(action: string, answer: 'allowed' | Unanswered): Check {
  const id = 'permission';
  const path = `ec2:${action}`;
  if (answer === 'allowed') {
    return ok(id, path, 'allowed');
  }
  if (answer.code === 'UnauthorizedOperation') {
    const fix = 'attach the policy that asbb burst iam-policy prints';
    return check('error', id, path, [said(answer), fix]);
  }
  const fix = 'nothing; a dry run says no more than that';
  return check('skipped', id, path, [`cannot be tried: ${said(answer)}`, fix]);
}

/** Our clock against EC2's: predicates of the ledger compare the two (burst.md 1.5, F47). */
export function checkClock(nowS: number, serverS: number | undefined): Check {
  const fix = 'let chronyd or ntpd set the clock of this machine';
  if (serverS === undefined) {
    return check('skipped', 'clock', 'clock', ['EC2 did not answer', fix]);
  }
  const skew = Math.abs(nowS - serverS);
  const message = `differs from EC2's by ${skew} s`;
  if (skew > SKEW_ERROR_S) {
    return check('error', 'clock', 'clock', [message, fix]);
  }
  return skew > SKEW_MAX_S
    ? check('warning', 'clock', 'clock', [message, fix])
    : ok('clock', 'clock', message);
}

const TAGS_PER_SECOND = 8;

/** A node learns its name by a call of its own: many of them outlast ResumeTimeout (burst.md 5.1). */
export function checkTagRate({ slurm, burst }: Settings): readonly Check[] {
  const rate = burst.api_budget?.mutate?.per_second ?? TAGS_PER_SECOND;
  const [path, half] = ['max_nodes', slurm.resume_timeout / 2];
  return slurm.partitions.flatMap((partition) =>
    partition.node_groups.flatMap(({ node_group_name, max_nodes }) => {
      const seconds = Math.ceil(max_nodes / rate);
      const message = `naming ${max_nodes} nodes takes ${seconds} s at ${rate} tags a second, ResumeTimeout is ${slurm.resume_timeout} s`;
      const fix = 'a longer slurm.resume_timeout, or burst.api_budget.mutate as AWS has raised it';
      return seconds > half
        ? [
            check('warning', 'tag-rate', `${partition.partition_name}-${node_group_name} ${path}`, [
              message,
              fix,
            ]),
          ]
        : [];
    }),
  );
}

/** A job on a type without a price is refused, or admitted unseen, as the partition's `fail` says. */
export function checkPrices({ slurm }: Settings, rateOf: RateOf): readonly Check[] {
  return slurm.partitions.flatMap((partition) =>
    partition.node_groups.map((group): Check => {
      const types = [
        ...new Set(group.launch_template_overrides.map(({ instance_type }) => instance_type)),
      ].filter((type) => type !== 'auto');
      const unpriced = types.filter((type) => rateOf(group, type) === undefined);
      const path = `${partition.partition_name}-${group.node_group_name} prices`;
      return unpriced.length === 0
        ? ok('prices', path, `${types.length} of ${types.length} types`)
        : check('error', 'prices', path, [
            `no price is known for ${unpriced.join(', ')}`,
            'asbb prices update, or on_demand_price in launch_template_overrides',
          ]);
    }),
  );
}

export function usesSpot({ slurm }: Settings): boolean {
  return slurm.partitions.some(({ node_groups }) =>
    node_groups.some(({ purchasing_option }) => purchasing_option !== 'on-demand'),
  );
}

/** EC2 makes the role at the first spot request; IAM alone could say that it is there before. */
export function checkSpotRole(hasRequests: boolean | Unanswered): Check {
  const id = 'spot-role';
  const path = 'AWSServiceRoleForEC2Spot';
  if (hasRequests === true) {
    return ok(id, path, 'this account has spot requests');
  }
  const message =
    hasRequests === false
      ? 'no spot request of this account is known: the role may be missing'
      : said(hasRequests);
  const fix = 'aws iam create-service-linked-role --aws-service-name spot.amazonaws.com, once';
  return check('note', id, path, [message, fix]);
}

export function checkPlacementQuota(count: number | Unanswered): Check {
  return typeof count === 'number'
    ? placementQuota(count)
    : check('error', 'placement-groups', 'placement groups', [
        said(count),
        'allow ec2:DescribePlacementGroups',
      ]);
}

function placementQuota(count: number): Check {
  const [id, path] = ['placement-groups', 'placement groups'];
  const message = `${count} of ${PLACEMENT_GROUPS_MAX} that an account may have`;
  return count >= PLACEMENT_GROUPS_MANY
    ? check('warning', id, path, [message, 'asbb nodes reconcile deletes ours that are empty'])
    : ok(id, path, message);
}
