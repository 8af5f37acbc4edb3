import type { Settings } from '../../../src/core/config/settings.ts';
import { exampleSettings } from '../../support/settings.ts';

/** Of a fake cloud at this address, for processes that do nothing but call it. */
export function budgetSettings(url: string): Settings {
  return exampleSettings({
    test_mode: true,
    aws: {
      region: 'us-east-1',
      endpoint_url: url,
      authentication_method: 'access_keys',
      access_keys: { access_key_id: 'FAKE1', secret_access_key: 'none' },
      retry_mode: 'standard',
      connect_timeout: '120s',
      request_timeout: '120s',
    },
  });
}
