import { userInfo } from 'node:os';
import type { CheckPorts } from '../flows/check.ts';
import type { FullPorts } from './full.ts';
import { pricingOf } from './pricing.ts';

/** Of `check`, `quick-check`: prices are read when they are needed. */
export function checkWiring(ports: FullPorts): CheckPorts {
  return { ...ports, pricing: () => pricingOf(ports.settings) };
}

/** Whose job it is when nobody says; '' for a uid that the user database does not know. */
export function ownUser(): string {
  try {
    return userInfo().username;
  } catch {
    return '';
  }
}

/** Set by people's shells (budget.md 2.1). */
export function defaultPartition(): string {
  return process.env['ASBB_DEFAULT_PARTITION'] ?? '';
}
