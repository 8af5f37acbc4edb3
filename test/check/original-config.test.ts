import { expect, it } from 'vitest';
import { renderProblem } from '../../src/adapters/config/problem.ts';
import { readConfig } from '../../src/adapters/config/read-config.ts';

/** Every key of budget.md 6.2 as the originals write it; only the database is another one. */
const ORIGINAL = `
service: { listen_addr: ":8080", read_timeout: "30s", write_timeout: "30s", shutdown_timeout: "30s",
  tls_enabled: false, tls_cert_file: "", tls_key_file: "", cors_enabled: false, cors_origins: ["*"] }
database: { driver: "DRIVER", dsn: "DSN", max_open_conns: 25, max_idle_conns: 5,
  conn_max_lifetime: "5m", migrations_path: "migrations", auto_migrate: false }
advisor: { url: "http://localhost:8081", api_key: "", timeout: "30s", retry_attempts: 3,
  retry_delay: "1s", cache_enabled: true, cache_ttl: "5m", headers: {} }
integration: { asbx_enabled: false, asbx_endpoint: "http://localhost:8082", asbx_timeout: "30s",
  asbx_api_key: "", asba_enabled: false, asba_endpoint: "http://localhost:8083", asba_timeout: "30s",
  advisor_enabled: true, advisor_fallback: "SIMPLE", fallback_cost_rate: 0.10,
  grant_management_enabled: true, burn_rate_analysis_enabled: true,
  allocation_scheduling_enabled: true, failure_mode: "GRACEFUL", retry_attempts: 3,
  circuit_breaker_enabled: true, health_check_interval: "60s" }
budget: { default_hold_percentage: 1.2, reconciliation_timeout: "24h", min_budget_amount: 0.01,
  max_budget_amount: 1000000.0, allow_negative_balance: false, auto_recovery_enabled: true,
  recovery_check_interval: "1h", transaction_retention: "2160h" }
allocations: { process_interval: "1h", auto_process: true }
slurm: { bin_path: "/usr/bin", config_path: "/etc/slurm", job_monitor_enabled: true,
  monitor_interval: "30s", epilog_script: "/etc/slurm/epilog.d/budget_epilog.sh",
  default_partition: "cpu" }
logging: { level: "info", format: "json", output: "stdout", structured: true,
  sampling: { initial: 100, thereafter: 100, tick: "1s" } }
auth: { enabled: false, jwt_secret: "", jwt_expiry: "24h", api_key_auth: false, api_keys: [],
  admin_users: [] }
metrics: { enabled: true, path: "/metrics", namespace: "asbb", subsystem: "budget",
  collect_interval: "15s", prometheus_url: "" }
asbx_integration: { enabled: true, asbx_endpoint: "http://asbx-service:8082", auto_reconcile: true,
  update_cost_model: true, data_retention_days: 365, reconciliation_timeout: "5m", max_retries: 3,
  notification_enabled: true, compliance_reporting: true, cost_model_learning: { enabled: true,
  accuracy_threshold: 0.8, variance_threshold: 20.0, feedback_frequency: "daily" } }
grant_management: { enabled: true, default_budget_period_months: 12, auto_create_periods: true,
  compliance_reporting: true, burn_rate_monitoring: true, alert_thresholds: {
  critical_variance: 50.0, warning_variance: 20.0, health_score_warning: 60.0,
  health_score_critical: 40.0 } }
`;

function original(driver: string, dsn: string): string {
  return ORIGINAL.replace('DRIVER', driver).replace('DSN', dsn);
}

it('an original configuration loads; what means nothing here is noted', () => {
  const read = readConfig(original('sqlite', '/var/lib/asbb/asbb.db'), '/c.yaml', {});
  expect(read.problems.map(renderProblem)).toEqual([]);
  expect(read.settings).toMatchObject({
    integration: { fallback_cost_rate: '0.1', advisor_fallback: 'SIMPLE', asbx_enabled: false },
    asbx_integration: { cost_model_learning: { accuracy_threshold: 0.8, variance_threshold: 20 } },
    grant_management: { alert_thresholds: { critical_variance: 50, low_variance: 30 } },
    slurm: { config_path: '/etc/slurm/slurm.conf', default_partition: 'cpu' },
  });
  expect(read.notes.map((note) => note.split(' ')[0])).toEqual([
    'database.max_open_conns',
    'database.max_idle_conns',
    'database.conn_max_lifetime',
    'database.migrations_path',
    'integration.asbx_endpoint',
    'integration.asbx_timeout',
    'integration.asbx_api_key',
    'integration.asba_enabled',
    'integration.asba_endpoint',
    'integration.asba_timeout',
    'integration.health_check_interval',
    'budget.recovery_check_interval',
    'budget.transaction_retention',
    'slurm.job_monitor_enabled',
    'slurm.monitor_interval',
    'slurm.epilog_script',
    'logging.structured',
    'logging.sampling.initial',
    'logging.sampling.thereafter',
    'logging.sampling.tick',
    'metrics.collect_interval',
    'asbx_integration.asbx_endpoint',
    'asbx_integration.data_retention_days',
    'asbx_integration.max_retries',
    'asbx_integration.cost_model_learning.feedback_frequency',
    'grant_management.auto_create_periods',
  ]);
});

it.each(['postgres', 'mysql'])('of %s it says clearly what is not supported', (driver) => {
  const read = readConfig(original(driver, 'postgresql://u:geheim@h/db'), '/c.yaml', {});
  const lines = read.problems.map(renderProblem);
  expect(lines).toHaveLength(1);
  expect(lines[0]).toContain(`unsupported database driver: ${driver}`);
  expect(lines[0]).not.toContain('geheim');
});
