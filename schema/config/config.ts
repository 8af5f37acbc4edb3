import type { z } from 'zod';
import { Aws } from './aws.ts';
import {
  Advisor,
  Allocations,
  AsbxIntegration,
  Auth,
  Budget,
  Database,
  GrantManagement,
  Integration,
  Metrics,
  Service,
  Site,
} from './budget-side.ts';
import { Absa, Asbb, Burst, Cost, Ecosystem, Logging, Mpi } from './burst-side.ts';
import { flag, key, option, section, text } from './leaf.ts';
import { Notifications } from './notifications.ts';
import { Slurm } from './partitions.ts';

/** One YAML file: every key of budget.md 6.2 and burst.md 2. */
export const Config = section({
  site: key(Site, {}, 'calendar and reports'),
  test_mode: key(flag(), false, 'only for the fake cloud and the emulator'),
  test_clock: option(text(), 'file with microseconds since 1970; needs test_mode'),
  database: key(Database, {}, 'the ledger'),
  budget: key(Budget, {}, 'rules of holds'),
  allocations: key(Allocations, {}),
  integration: key(Integration, {}),
  advisor: key(Advisor, {}),
  grant_management: key(GrantManagement, {}),
  notifications: key(Notifications, {}, 'who is told of alerts'),
  asbx_integration: key(AsbxIntegration, {}),
  auth: key(Auth, {}, 'HTTP endpoint'),
  service: key(Service, {}, 'HTTP endpoint'),
  metrics: key(Metrics, {}),
  cost: key(Cost, {}, 'cost of the cloud'),
  aws: key(Aws, {}, 'the cloud'),
  slurm: key(Slurm, {}, 'the cluster'),
  burst: key(Burst, {}, 'how nodes are launched and watched'),
  mpi: key(Mpi, {}),
  absa: key(Absa, {}, 'advisor of jobs'),
  asbb: key(Asbb, {}),
  ecosystem: key(Ecosystem, {}),
  logging: key(Logging, {}),
}).superRefine((config, context) => {
  for (const { at, message, holds } of RULES) {
    if (!holds(config)) {
      context.addIssue({ code: 'custom', path: [...at], message });
    }
  }
});
export type Config = z.output<typeof Config>;

interface Rule {
  readonly at: readonly string[];
  readonly message: string;
  readonly holds: (config: Config) => boolean;
}

const LOOPBACK = /^https?:\/\/(?:localhost|127(?:\.[0-9]{1,3}){3}|\[::1\])(?::[0-9]+)?(?:\/|$)/u;

/** Rules that join two sections. */
const RULES: readonly Rule[] = [
  {
    at: ['aws', 'access_keys'],
    message: 'aws.access_keys: no key belongs in this file; use a profile or the instance role',
    holds: ({ aws, test_mode }) => test_mode || aws.access_keys === undefined,
  },
  {
    at: ['aws', 'endpoint_url'],
    message: 'aws.endpoint_url must be on this machine unless test_mode is true',
    holds: ({ aws, test_mode }) =>
      test_mode || aws.endpoint_url === undefined || LOOPBACK.test(aws.endpoint_url),
  },
  {
    at: ['test_clock'],
    message: 'test_clock needs test_mode: true',
    holds: ({ test_clock, test_mode }) => test_mode || test_clock === undefined,
  },
  {
    at: ['burst', 'reconcile_gap'],
    message: 'burst.reconcile_gap can be 0 only with test_mode: true',
    holds: ({ burst, test_mode }) => test_mode || burst.reconcile_gap > 0,
  },
  {
    at: ['advisor', 'url'],
    message: 'advisor config: advisor URL is required when advisor is enabled',
    holds: ({ advisor, integration }) => !integration.advisor_enabled || advisor.url !== '',
  },
];
