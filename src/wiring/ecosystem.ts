import { probe } from '../adapters/system/http-probe.ts';
import type { Settings } from '../core/config/settings.ts';
import { advisorAddress, type Ecosystem, ecosystemOf } from '../core/ecosystem.ts';

/** Looks around: only what is configured is asked over the network. */
export async function seenEcosystem(settings: Settings, version: string): Promise<Ecosystem> {
  const address = advisorAddress(settings);
  return ecosystemOf(settings, version, address === undefined ? undefined : await probe(address));
}
