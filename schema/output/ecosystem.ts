import { z } from 'zod';
import { Instant } from './common.ts';

const Service = z.strictObject({
  service: z.enum(['advisor', 'asbx', 'asba']),
  endpoint: z.string(),
  status: z.enum(['AVAILABLE', 'UNAVAILABLE', 'DISABLED']),
  version: z.string(),
  capabilities: z.array(z.string()),
  suggestion: z.string().optional(),
});

/** budget.md 2.6. */
export const Ecosystem = z.strictObject({
  services: z.array(Service),
  total_services: z.int(),
  available_services: z.int(),
  ecosystem_health: z.enum(['complete', 'good', 'partial', 'standalone']),
  operational_mode: z.enum(['complete_ecosystem', 'integrated', 'enhanced', 'standalone']),
});
export type Ecosystem = z.infer<typeof Ecosystem>;

export const EcosystemConfig = z.strictObject({
  integration: z.strictObject({
    advisor_enabled: z.boolean(),
    advisor_endpoint: z.string(),
    advisor_fallback: z.string(),
    asbx_enabled: z.boolean(),
    asbx_endpoint: z.string(),
    asba_enabled: z.boolean(),
    asba_endpoint: z.string(),
    failure_mode: z.string(),
    health_check_interval: z.string(),
    retry_attempts: z.int(),
  }),
});
export type EcosystemConfig = z.infer<typeof EcosystemConfig>;

export const ServiceStart = z.strictObject({ text: z.string() });
export type ServiceStart = z.infer<typeof ServiceStart>;

export const ServiceStatus = z.strictObject({
  status: z.enum(['healthy', 'unhealthy']),
  store: z.string(),
  ledger: z.string().optional(),
  schema_version: z.int().optional(),
  open_holds: z.int().optional(),
  last_maintenance: Instant.optional(),
  operational_mode: z.string(),
  services: z.array(Service),
});
export type ServiceStatus = z.infer<typeof ServiceStatus>;
