import { SqliteAnalytics } from '../adapters/sqlite/sqlite-analytics.ts';
import type { Refused } from '../core/errors.ts';
import type { AnalyticsPorts } from '../flows/analytics.ts';
import type { FullPorts } from './full.ts';
import { ledgerPlace } from './place.ts';

/** Reads with a connection of its own, closed when the answer is there. */
export async function withAnalytics<T>(
  ports: FullPorts,
  read: (ports: AnalyticsPorts) => Promise<T | Refused>,
): Promise<T | Refused> {
  const analytics = new SqliteAnalytics(ledgerPlace(ports.settings, 'default'));
  try {
    return await read({ ...ports, analytics });
  } finally {
    analytics.close();
  }
}
