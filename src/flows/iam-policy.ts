import { iamPolicy, type Policy, type PolicyAsk } from '../core/burst/iam-policy.ts';
import type { Settings } from '../core/config/settings.ts';
import { type Refused, refused } from '../core/errors.ts';

const ROLE = /^arn:aws[a-z-]*:iam::[0-9]{12}:role\/[\w+=,.@/-]{1,512}$/u;

/** The policy of burst.md 5.8. VALIDATION_ERROR: no role, or nothing to launch. */
export function printPolicy(settings: Settings, ask: PolicyAsk): Policy | Refused {
  if (ask.nodeRole !== '' && !ROLE.test(ask.nodeRole)) {
    return refused('VALIDATION_ERROR', '--node-role is not the ARN of a role', {
      advice: 'as in arn:aws:iam::111122223333:role/asbb-node',
      fields: { field: 'node-role' },
    });
  }
  if (settings.aws.region === '') {
    return refused('VALIDATION_ERROR', 'aws.region is not set: there is nothing to allow', {
      advice: 'set it, and slurm.partitions, in the configuration',
      fields: { field: 'config' },
    });
  }
  return iamPolicy(settings, ask);
}
