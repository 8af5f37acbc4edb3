import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { Ec2Cloud } from '../../../src/adapters/ec2/ec2-cloud.ts';
import { ExclusiveLocks } from '../../../src/adapters/sqlite/exclusive-lock.ts';
import { SharedApiBudget } from '../../../src/adapters/system/shared-api-budget.ts';
import type { Buckets } from '../../../src/core/burst/api-budget.ts';
import type { Clock } from '../../../src/ports/system.ts';
import { type Site, SUBNET_A, startSite } from './site.ts';

export const LAUNCH = { size: 1000, per_second: 1.6 };
export const ROOMY: Buckets = {
  launch: LAUNCH,
  describe: { size: 100, per_second: 16 },
  terminate: { size: 1000, per_second: 16 },
  mutate: { size: 100, per_second: 8 },
};

export function directory(): string {
  const root = mkdtempSync(join(tmpdir(), 'asbb-budget-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  return root;
}

/** Time passes in its pauses alone. */
export function walkingClock(): Clock & { walk(milliseconds: number): void } {
  let nowMs = 0;
  return {
    nowUs: () => nowMs * 1000,
    monotonicMs: () => nowMs,
    sleep: async (milliseconds) => {
      await Promise.resolve();
      nowMs += milliseconds;
    },
    walk: (milliseconds) => {
      nowMs += milliseconds;
    },
  };
}

export interface Told {
  readonly events: string[];
  readonly log: { write(level: string, event: string): void };
}

export function listening(): Told {
  const events: string[] = [];
  return { events, log: { write: (_level, event) => events.push(event) } };
}

export function budgetIn(
  root: string,
  clock: Clock,
  buckets: Partial<Buckets> = {},
  { log }: Pick<Told, 'log'> = listening(),
): SharedApiBudget {
  const locks = new ExclusiveLocks(root);
  return new SharedApiBudget(root, { locks, clock, log }, { ...ROOMY, ...buckets });
}

export const STEP = {
  api: 'create-fleet',
  lifecycle: 'on-demand',
  allOrNothing: false,
  singleInstanceType: false,
  singleZone: false,
  launchTemplateId: 'lt-0a11ce00000000001',
  launchTemplateVersion: '1',
  overrides: [{ instanceType: 'c5.xlarge', subnetId: SUBNET_A, priority: 0 }],
  allocationStrategy: 'prioritized',
  securityGroupIds: [],
  tags: { 'asbb:cluster': 'hpc1' },
} as const;

/** A site whose clock goes on in its pauses, and processes that share one budget. */
export async function budgetedSite(
  buckets: Partial<Buckets>,
  options: Parameters<typeof startSite>[0] = {},
) {
  const site = await startSite(options);
  const root = directory();
  function portsOf(): Site['ports'] {
    const { ports } = site;
    const beganUs = ports.clock.nowUs();
    const clock = {
      ...ports.clock,
      nowUs: () => beganUs + Math.floor(ports.clock.monotonicMs() * 1000),
    };
    const cloud = new Ec2Cloud(site.settings, budgetIn(root, clock, buckets));
    return { ...site.otherPorts(), cloud };
  }
  return { site, portsOf };
}
