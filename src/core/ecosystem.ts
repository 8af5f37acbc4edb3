import type { Settings } from './config/settings.ts';

/** The three functions that were programs of their own once (budget.md 2.6). */
export interface ServiceSeen {
  readonly service: 'advisor' | 'asbx' | 'asba';
  /** `builtin`, or the configured address. */
  readonly endpoint: string;
  readonly status: 'AVAILABLE' | 'UNAVAILABLE' | 'DISABLED';
  readonly version: string;
  readonly capabilities: readonly string[];
  /** What would bring it, '' when it is there. */
  readonly suggestion: string;
}

/** What an address answered. */
export type Probed = { readonly version: string } | undefined;

export interface Ecosystem {
  readonly services: readonly ServiceSeen[];
  readonly available: number;
  readonly health: 'complete' | 'good' | 'partial' | 'standalone';
  readonly mode: 'complete_ecosystem' | 'integrated' | 'enhanced' | 'standalone';
}

const BUILTIN = 'builtin';
const CAPABILITIES = {
  advisor: ['cost_estimation', 'price_list', 'fallback'],
  asbx: ['cost_reconciliation', 'cost_model_learning', 'performance_records'],
  asba: ['budget_status', 'affordability', 'grant_timeline', 'burst_decision'],
} as const;
const HEALTH = [
  [1, 'complete', 'complete_ecosystem'],
  [0.66, 'good', 'integrated'],
  [0.33, 'partial', 'enhanced'],
] as const;

function builtIn(
  service: ServiceSeen['service'],
  isOn: boolean,
  version: string,
  key: string,
): ServiceSeen {
  return {
    service,
    endpoint: BUILTIN,
    status: isOn ? 'AVAILABLE' : 'DISABLED',
    version,
    capabilities: CAPABILITIES[service],
    suggestion: isOn ? '' : `set ${key}: true to use it`,
  };
}

/** The address that has to be asked; undefined: the advisor is built in. */
export function advisorAddress({ advisor, integration }: Settings): string | undefined {
  return integration.advisor_enabled && advisor.mode === 'http' ? advisor.url : undefined;
}

function advisorSeen(settings: Settings, version: string, probed: Probed): ServiceSeen {
  const address = advisorAddress(settings);
  if (address === undefined) {
    const isOn = settings.integration.advisor_enabled;
    return builtIn('advisor', isOn, version, 'integration.advisor_enabled');
  }
  return {
    service: 'advisor',
    endpoint: address,
    status: probed === undefined ? 'UNAVAILABLE' : 'AVAILABLE',
    version: probed?.version ?? '',
    capabilities: probed === undefined ? [] : ['cost_estimation'],
    suggestion: probed === undefined ? `start it, or set advisor.mode: ${BUILTIN}` : '',
  };
}

/** `version`: our own; `probed`: what the advisor's address answered, where there is one. */
export function ecosystemOf(settings: Settings, version: string, probed: Probed): Ecosystem {
  const isAsbx = settings.integration.asbx_enabled || settings.asbx_integration.enabled;
  const services = [
    advisorSeen(settings, version, probed),
    builtIn('asbx', isAsbx, version, 'integration.asbx_enabled'),
    builtIn('asba', true, version, ''),
  ];
  const available = services.filter(({ status }) => status === 'AVAILABLE').length;
  const found = HEALTH.find(([least]) => available / services.length >= least);
  return {
    services,
    available,
    health: found?.[1] ?? 'standalone',
    mode: found?.[2] ?? 'standalone',
  };
}
