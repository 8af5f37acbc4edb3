import { z } from 'zod';
import { isFactor } from '../../src/core/money/rate.ts';
import {
  decimal,
  dollars,
  duration,
  flag,
  key,
  list,
  oneOf,
  option,
  ratio,
  section,
  text,
  whole,
} from './leaf.ts';

// Sections of budget.md 6.2. Messages are those of the original where it had any.

const NO_SERVICE = 'no service runs';
const ONE_PROCESS = 'each command is one short process';
const BUILT_IN = 'built in';

const ZEROS = /^[0.]+$/u;
const PATH_OF_FILE = /^\/|^:memory:$/u;

function isPositive(given: string): boolean {
  return isFactor(given) && !ZEROS.test(given);
}

export const Service = section({
  listen_addr: key(
    text('service config: listen_addr is required', /./u),
    ':8080',
    'address of the socket unit; bind to loopback unless auth is on',
  ),
  read_timeout: key(duration(), '30s', 'per request'),
  write_timeout: key(duration(), '30s', 'per request'),
  shutdown_timeout: key(duration(), '30s', '`asbb http` ends after this idle time'),
  tls_enabled: key(flag(), false, 'TLS without a proxy in front'),
  tls_cert_file: key(text(), '', 'PEM'),
  tls_key_file: key(text(), '', 'PEM, mode 0600'),
  cors_enabled: key(flag(), false, 'CORS headers'),
  cors_origins: key(list(text()), ['*'], 'allowed origins'),
}).superRefine((service, context) => {
  if (service.tls_enabled && (service.tls_cert_file === '' || service.tls_key_file === '')) {
    context.addIssue({
      code: 'custom',
      path: ['tls_enabled'],
      message: 'service config: TLS cert and key files are required when TLS is enabled',
    });
  }
});

const LockWait = z
  .record(z.string(), duration(), { error: '@ must be a map of hook names to durations' })
  .meta({ comment: 'per hook, and default; always cut to what is left of the hook’s deadline' });

export const Database = section({
  driver: key(
    text('database config: database driver is required', /./u),
    'sqlite',
    'the ledger is a SQLite file',
  ),
  dsn: key(
    text('database config: database DSN is required', /./u),
    '/var/lib/asbb/asbb.db',
    'local disk; owner SlurmUser, mode 0640',
  ),
  group: option(text(), 'group that may read the file: auditors'),
  lock_wait: key(LockWait, { submit: '1500ms', modify: '1500ms', epilog: '4s', default: '30s' }),
  allow_fs_magic: key(list(text()), [], 'file systems to accept beyond the known ones, as 0x…'),
  allow_volatile: key(flag(), false, 'accept tmpfs and overlay'),
  auto_migrate: key(flag(), false, 'upgrade the file when a command meets an older one'),
  max_open_conns: key(whole(), 25, { noEffect: ONE_PROCESS }),
  max_idle_conns: key(whole(), 5, { noEffect: ONE_PROCESS }),
  conn_max_lifetime: key(duration(), '5m', { noEffect: ONE_PROCESS }),
  busy_timeout: option(duration(), { noEffect: 'see database.lock_wait' }),
  migrations_path: key(text(), 'migrations', { noEffect: 'migrations are built in' }),
}).superRefine((database, context) => {
  if (database.driver !== 'sqlite') {
    context.addIssue({
      code: 'custom',
      path: ['driver'],
      message: `database config: unsupported database driver: ${database.driver}`,
    });
  } else if (!PATH_OF_FILE.test(database.dsn)) {
    context.addIssue({
      code: 'custom',
      path: ['dsn'],
      message: 'database config: database DSN must be the absolute path of a SQLite file',
    });
  }
});

export const Advisor = section({
  mode: key(oneOf(['builtin', 'http']), 'builtin', 'builtin, or http to ask a service'),
  url: key(text(), 'http://localhost:8081', 'used only with mode http'),
  api_key: key(text(), '', { comment: 'of that service', secret: true }),
  timeout: key(
    duration(1, Number.MAX_SAFE_INTEGER, 'advisor config: advisor timeout must be positive'),
    '30s',
    'one call',
  ),
  retry_attempts: key(whole(), 3, 'within the time of the caller'),
  retry_delay: key(duration(), '1s', 'between attempts'),
  cache_enabled: key(flag(), true, 'price cache on disk'),
  cache_ttl: key(duration(), '5m', 'life of a cached price'),
  headers: key(
    z.record(z.string(), text(), { error: '@ must be a map of header names to values' }),
    {},
    { comment: 'sent with each call', secret: true },
  ),
});

export const Integration = section({
  asbx_enabled: key(flag(), true, 'take cost files in'),
  asbx_endpoint: key(text(), 'http://localhost:8082', { noEffect: 'costs arrive as files' }),
  asbx_timeout: key(duration(), '30s', { noEffect: 'costs arrive as files' }),
  asbx_api_key: key(text(), '', { noEffect: 'costs arrive as files', secret: true }),
  asba_enabled: key(flag(), false, { noEffect: BUILT_IN }),
  asba_endpoint: key(text(), 'http://localhost:8083', { noEffect: BUILT_IN }),
  asba_timeout: key(duration(), '30s', { noEffect: BUILT_IN }),
  advisor_enabled: key(flag(), true, 'estimate costs where no price is known'),
  advisor_fallback: key(
    oneOf(['SIMPLE', 'STATIC', 'NONE']),
    'SIMPLE',
    'partitions without node groups, HTTP check',
  ),
  fallback_cost_rate: key(dollars(), '0.10', 'dollars an hour and CPU'),
  grant_management_enabled: key(flag(), true, 'grant commands'),
  burn_rate_analysis_enabled: key(flag(), true, 'burn-rate commands'),
  allocation_scheduling_enabled: key(flag(), true, 'allocation commands'),
  failure_mode: key(
    oneOf(['GRACEFUL', 'STRICT', 'PERMISSIVE']),
    'GRACEFUL',
    'what an estimator’s failure means',
  ),
  retry_attempts: key(whole(), 3, 'of an outside service'),
  circuit_breaker_enabled: key(flag(), true, 'stop asking a service that fails'),
  health_check_interval: key(duration(), '60s', { noEffect: NO_SERVICE }),
});

export const Budget = section({
  default_hold_percentage: key(
    decimal('budget config: default_hold_percentage must be positive', isPositive),
    '1.2',
    'hold = price × this',
  ),
  reconciliation_timeout: key(duration(), '24h', 'life of a hold placed without a job'),
  unbound_hold_ttl: key(duration(), '10m', 'a hold whose job never shows up (sbatch --test-only)'),
  evidence_grace: key(
    duration(),
    '2h',
    'SLURM must not know a job this long before its hold is released',
  ),
  second_person_above: option(dollars(), 'adjustments above this need a second person'),
  user_open_holds_max: key(whole(1), 1000, 'open holds of one user; an array counts once'),
  allow_negative_balance: key(flag(), false, 'let holds pass that an account cannot pay'),
  min_budget_amount: key(
    dollars('budget config: min_budget_amount cannot be negative'),
    '0.01',
    'least budget of an account',
  ),
  max_budget_amount: key(dollars(), '1000000', 'greatest budget of an account'),
  auto_recovery_enabled: key(flag(), true, '`asbb maintain` settles what hooks missed'),
  recovery_check_interval: key(duration(), '1h', { noEffect: 'each run of maintain settles' }),
  transaction_retention: key(duration(), '0', {
    noEffect: 'the books are append-only and hold what audits ask for: nothing is ever purged',
  }),
}).superRefine((budget, context) => {
  if (Number(budget.max_budget_amount) <= Number(budget.min_budget_amount)) {
    context.addIssue({
      code: 'custom',
      path: ['max_budget_amount'],
      message: 'budget config: max_budget_amount must be greater than min_budget_amount',
    });
  }
});

export const Allocations = section({
  process_interval: key(duration(), '1h', 'not more often than this'),
  auto_process: key(flag(), true, '`asbb maintain` posts allocations that are due'),
});

export const Auth = section({
  enabled: key(flag(), false, 'HTTP endpoint over TCP; the UNIX socket needs none'),
  jwt_secret: key(text(), '', { comment: 'HS256, at least 32 bytes', secret: true }),
  jwt_expiry: key(duration(), '24h', 'of a token'),
  api_key_auth: key(flag(), false, 'Authorization: Bearer <id>.<secret>'),
  api_keys: key(list(text()), [], { comment: 'hashes', secret: true }),
  admin_users: key(list(text()), [], 'users with the administrator’s role'),
});

export const Metrics = section({
  enabled: key(flag(), true, 'metrics file'),
  path: key(text(), '/metrics', 'of the endpoint'),
  namespace: key(text(), 'asbb', 'prefix of the names'),
  subsystem: key(text(), 'budget', 'second part of the names'),
  collect_interval: key(duration(), '15s', { noEffect: NO_SERVICE }),
  prometheus_url: key(text(), '', 'asked by reports'),
});

export const AsbxIntegration = section({
  enabled: key(flag(), true, 'either this or integration.asbx_enabled turns it on'),
  asbx_endpoint: key(text(), '', { noEffect: 'costs arrive as files' }),
  auto_reconcile: key(flag(), true, 'settle from cost files'),
  update_cost_model: key(flag(), true, 'learn from real costs'),
  data_retention_days: key(whole(), 365, { noEffect: 'asbb removes no file and no row' }),
  reconciliation_timeout: key(duration(), '5m', 'one import'),
  max_retries: key(whole(), 3, { noEffect: 'each run of maintain tries again' }),
  notification_enabled: key(flag(), true, 'alerts'),
  compliance_reporting: key(flag(), true, 'reports'),
  cost_model_learning: key(
    section({
      enabled: key(flag(), true, 'learn estimate factors'),
      accuracy_threshold: key(ratio(0, 1), 0.8, '0 to 1'),
      variance_threshold: key(ratio(0, 1000), 20, 'percent'),
      feedback_frequency: key(text(), 'daily', { noEffect: 'each cost teaches as it is settled' }),
    }),
    {},
  ),
});

export const GrantManagement = section({
  enabled: key(flag(), true, 'grants'),
  default_budget_period_months: key(whole(1, 60), 12, 'length of a budget period'),
  institution: key(text(), '', 'of grants that are created without --institution'),
  auto_create_periods: key(flag(), true, { noEffect: 'periods follow from the grant’s dates' }),
  compliance_reporting: key(flag(), true, 'reports'),
  burn_rate_monitoring: key(flag(), true, 'alerts'),
  enforce_period_budget: key(flag(), false, 'a hold must also fit the current period'),
  report_due_days: key(
    section({
      quarterly: key(whole(0, 3650), 30, 'days after the end of the reporting period'),
      semi_annual: key(whole(0, 3650), 30),
      annual: key(whole(0, 3650), 90),
      final: key(whole(0, 3650), 120),
    }),
    {},
  ),
  liquidation_days: key(whole(0, 3650), 120, 'after the end of a grant; later costs need --force'),
  de_minimis_cap: option(
    ratio(0, 1),
    'warn above it; else 0.15, for awards that began before 2024-10-01 0.10',
  ),
  alert_thresholds: key(
    section({
      critical_variance: key(ratio(0, 1000), 50, 'percent'),
      warning_variance: key(ratio(0, 1000), 20, 'percent'),
      low_variance: key(ratio(0, 1000), 30, 'percent'),
      health_score_warning: key(ratio(0, 100), 60, '0 to 100'),
      health_score_critical: key(ratio(0, 100), 40, '0 to 100'),
      hysteresis: key(
        ratio(0, 50),
        5,
        'percent of a limit to come back by before an alert is over',
      ),
      unusual_job_least: key(dollars(), '10.00', 'cheaper jobs are never unusual'),
    }),
    {},
  ),
  emergency: key(
    section({
      available: key(flag(), false, 'emergency funds exist'),
      threshold: option(dollars(), 'below this they may be asked for'),
      procedure: option(text(), 'how to ask'),
      contact: option(text(), 'whom to ask'),
    }),
    {},
  ),
});

function isZone(zone: string): boolean {
  if (zone === 'UTC') {
    return true; // the default; loading the data of all zones takes a while
  }
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

export const Site = section({
  timezone: key(
    decimal('@ must be the name of a time zone such as America/New_York', isZone),
    'UTC',
    'calendar days of grants, allocations, reports',
  ),
  reports_dir: key(text(), '/var/lib/asbb/reports', 'reports are written here'),
  cost_dirs: key(
    list(text()),
    [
      '/var/spool/asbb/costs',
      '/var/spool/asbb/reconciliation',
      '/tmp/asbb/reconciliation',
      '/opt/asbb/data/reconciliation',
      '/var/spool/asbx',
      '/var/spool/asba/learning',
    ],
    'cost files are looked for here',
  ),
  spot_cost_factor: key(ratio(0, 1), 0.35, 'spot price as a part of on-demand, for estimates'),
});
