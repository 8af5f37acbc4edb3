import type {
  EcosystemConfig,
  Ecosystem as EcosystemJson,
  ServiceStatus as ServiceStatusJson,
} from '../../schema/output/ecosystem.ts';
import type { Settings } from '../core/config/settings.ts';
import type { Ecosystem, ServiceSeen } from '../core/ecosystem.ts';
import { instantText } from '../core/grant/calendar.ts';
import type { ServiceStatus } from '../flows/service-status.ts';
import { blockText, type Column } from './table.ts';

export const SERVICE_COLUMNS: readonly Column<ServiceSeen>[] = [
  { title: 'SERVICE', cell: ({ service }) => service },
  { title: 'ENDPOINT', cell: ({ endpoint }) => endpoint, least: 8 },
  { title: 'STATUS', cell: ({ status }) => status },
  { title: 'VERSION', cell: ({ version }) => (version === '' ? '-' : version), least: 6 },
  { title: 'CAPABILITIES', cell: ({ capabilities }) => capabilities.join(', '), least: 12 },
];

function serviceJson({
  suggestion,
  capabilities,
  ...seen
}: ServiceSeen): EcosystemJson['services'][number] {
  return {
    ...seen,
    capabilities: [...capabilities],
    suggestion: suggestion === '' ? undefined : suggestion,
  };
}

export function ecosystemJson(ecosystem: Ecosystem): EcosystemJson {
  return {
    services: ecosystem.services.map(serviceJson),
    total_services: ecosystem.services.length,
    available_services: ecosystem.available,
    ecosystem_health: ecosystem.health,
    operational_mode: ecosystem.mode,
  };
}

export function discoverLines({ mode, services }: Ecosystem): readonly string[] {
  return [
    `Operational Mode: ${mode}`,
    ...services
      .filter(({ suggestion }) => suggestion !== '')
      .map(({ service, suggestion }) => `- ${service}: ${suggestion}`),
  ];
}

export function statusText(ecosystem: Ecosystem): string {
  const block = blockText('', {
    'Total Services': String(ecosystem.services.length),
    'Available Services': String(ecosystem.available),
    'Ecosystem Health': ecosystem.health,
    'Operational Mode': ecosystem.mode,
  });
  const list = ecosystem.services.map(
    ({ service, status, endpoint }) => `- ${service}: ${status} (${endpoint})`,
  );
  return [block, '', ...list].join('\n');
}

export function healthText({ services, health }: Ecosystem): string {
  const lines = services.map(({ service, status }) => `${service}: ${status.toLowerCase()}`);
  return [...lines, `Ecosystem Health: ${health}`].join('\n');
}

function endpointOf({ services }: Ecosystem, name: ServiceSeen['service']): string {
  return services.find(({ service }) => service === name)?.endpoint ?? '';
}

/** What an original would be told of us: the built-in ones have no address. */
export function ecosystemConfig(ecosystem: Ecosystem, { integration }: Settings): EcosystemConfig {
  function isOn(name: ServiceSeen['service']): boolean {
    return ecosystem.services.some(
      ({ service, status }) => service === name && status === 'AVAILABLE',
    );
  }
  return {
    integration: {
      advisor_enabled: isOn('advisor'),
      advisor_endpoint: endpointOf(ecosystem, 'advisor'),
      advisor_fallback: integration.advisor_fallback,
      asbx_enabled: isOn('asbx'),
      asbx_endpoint: endpointOf(ecosystem, 'asbx'),
      asba_enabled: isOn('asba'),
      asba_endpoint: endpointOf(ecosystem, 'asba'),
      failure_mode: integration.failure_mode,
      health_check_interval: '60s',
      retry_attempts: integration.retry_attempts,
    },
  };
}

export function ecosystemYaml({ integration }: EcosystemConfig): string {
  const lines = Object.entries(integration).map(
    ([key, value]) => `  ${key}: ${typeof value === 'string' ? JSON.stringify(value) : value}`,
  );
  return ['integration:', ...lines].join('\n');
}

/** There is no daemon to start: how the REST API is answered on demand. */
export function startText({ service }: Settings): string {
  return `asbb needs no daemon: every command is one short process, cron runs asbb maintain.
The REST API will be answered on demand by a socket unit on ${service.listen_addr}; this version
has none yet:
  systemctl enable --now asbb.socket
What used to run in the background (or the line of cron in README.md):
  install -m 644 slurm-conf/asbb-maintain.{service,timer} /etc/systemd/system/
  systemctl enable --now asbb-maintain.timer`;
}

export function serviceText(status: ServiceStatus): string {
  const { info, maintainedS, ecosystem } = status;
  return blockText('Service Status', {
    Store: status.store,
    Ledger: info?.file,
    'Schema Version': info === undefined ? undefined : String(info.schemaVersion),
    'Open Holds': info === undefined ? undefined : String(info.openHolds),
    'Last Maintenance': maintainedS === undefined ? 'never' : instantText(maintainedS),
    'Operational Mode': ecosystem.mode,
    ...Object.fromEntries(
      ecosystem.services.map(({ service, status: word }) => [service, word.toLowerCase()]),
    ),
  });
}

export function serviceStatusJson(status: ServiceStatus): ServiceStatusJson {
  const { info, maintainedS, ecosystem } = status;
  return {
    status: status.isHealthy ? 'healthy' : 'unhealthy',
    store: status.store,
    ledger: info?.file,
    schema_version: info?.schemaVersion,
    open_holds: info?.openHolds,
    last_maintenance: maintainedS === undefined ? undefined : instantText(maintainedS),
    operational_mode: ecosystem.mode,
    services: ecosystem.services.map(serviceJson),
  };
}
