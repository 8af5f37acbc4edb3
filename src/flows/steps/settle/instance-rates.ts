import type { InstancePlan } from '../../../core/burst/cost/close.ts';
import { billedEnd } from '../../../core/burst/cost/interval.ts';
import type { SpotPrice } from '../../../core/burst/launch.ts';
import { withDiscount } from '../../../core/burst/prices.ts';
import { Fault } from '../../../core/errors.ts';
import type { InstanceRow } from '../../../core/ledger/rows.ts';
import type { Evidence, SettlePorts } from './pass.ts';

export type InstanceRates = Pick<InstancePlan, 'rates' | 'isPriceMissing'>;

/** Prices by instance; those of spot are asked for once. An instance without an answer waits. */
export async function ratesFor(
  ports: SettlePorts,
  evidence: Evidence,
  instances: readonly InstanceRow[],
): Promise<ReadonlyMap<string, InstanceRates>> {
  const spot = instances.filter(({ lifecycle }) => lifecycle === 'spot');
  const history = await spotHistory(ports, evidence, spot);
  const rates = new Map<string, InstanceRates>();
  for (const instance of instances) {
    const { instanceId, launchS, rate, lifecycle } = instance;
    if (lifecycle !== 'spot') {
      rates.set(instanceId, { rates: [{ fromS: launchS, rate }], isPriceMissing: false });
    } else if (history !== undefined) {
      rates.set(instanceId, spotRates(ports, instance, history));
    }
  }
  return rates;
}

async function spotHistory(
  ports: SettlePorts,
  evidence: Evidence,
  spot: readonly InstanceRow[],
): Promise<readonly SpotPrice[] | undefined> {
  if (spot.length === 0) {
    return [];
  }
  const types = [...new Set(spot.map(({ instanceType }) => instanceType))];
  const zones = [...new Set(spot.map(({ zone }) => zone))];
  const fromS = Math.min(...spot.map(({ launchS }) => launchS));
  const ends = spot.map(({ launchS, endS }) => billedEnd(launchS, endS ?? evidence.nowS));
  try {
    return await ports.cloud.spotPrices(types, zones, fromS, Math.max(...ends));
  } catch (error) {
    if (!(error instanceof Fault)) {
      throw error;
    }
    ports.log.write('warn', 'spot_prices_unknown', { msg: error.message });
    return undefined;
  }
}

/** Without a single price the launch's is taken, never 0 (COST-9). */
function spotRates(
  { settings, log }: SettlePorts,
  instance: InstanceRow,
  history: readonly SpotPrice[],
): InstanceRates {
  const { instanceType, zone, launchS, rate, instanceId } = instance;
  const own = history
    .filter((price) => price.instanceType === instanceType && price.zone === zone)
    .map((price) => ({
      fromS: price.fromS,
      rate: withDiscount(price.rate, instanceType, settings.cost.discount_percent),
    }))
    .toSorted((a, b) => a.fromS - b.fromS);
  if (own.length === 0) {
    log.write('warn', 'price_missing', { instance: instanceId });
    return { rates: [{ fromS: launchS, rate }], isPriceMissing: true };
  }
  return { rates: own, isPriceMissing: false };
}
