import type { LaunchRequest } from '../../src/core/burst/launch.ts';
import type { Settings } from '../../src/core/config/settings.ts';
import { SUBNET_A } from '../burst/support/site.ts';
import { exampleSettings } from '../support/settings.ts';

export function settingsFor(url: string, aws: Readonly<Record<string, unknown>> = {}): Settings {
  return exampleSettings({
    test_mode: true,
    aws: {
      endpoint_url: url,
      authentication_method: 'access_keys',
      access_keys: { access_key_id: 'FAKE1', secret_access_key: 'none' },
      retry_mode: 'standard',
      connect_timeout: '120s',
      request_timeout: '120s',
      ...aws,
    },
  });
}

export const REQUEST: LaunchRequest = {
  api: 'create-fleet',
  clientToken: 'asbb-token',
  count: 2,
  lifecycle: 'on-demand',
  allOrNothing: true,
  singleInstanceType: false,
  singleZone: true,
  launchTemplateId: 'lt-0a11ce00000000001',
  launchTemplateVersion: '1',
  overrides: [{ instanceType: 'c5.xlarge', subnetId: SUBNET_A, priority: 0 }],
  allocationStrategy: 'prioritized',
  securityGroupIds: [],
  tags: { 'asbb:cluster': 'hpc1', 'asbb:intent': '7' },
};
