import { isPositive, type Money, toMicrosText } from '../../money/money.ts';
import type { ExecutionPlan } from './plan.ts';

/**
 * What was said of a job before its nodes were launched, kept in its intents (burst.md 3.2, 8.6): limits
 * that reconcile executes while it runs, and what the author expected.
 */
export interface KeptAdvice {
  readonly source: 'plan' | 'advisor';
  /** The plan's file; the program or address that was asked. */
  readonly from: string;
  /** SHA-256 of the plan, hex. */
  readonly digest?: string | undefined;
  /** Micro-dollars as text: an alert when the run has cost more. */
  readonly alertAt?: string | undefined;
  /** Seconds after the launch: then the job is ended. */
  readonly endAfterSeconds?: number | undefined;
  /** By name, as written. */
  readonly said: Readonly<Record<string, string>>;
}

export function keptPlan(
  { about, cost }: ExecutionPlan,
  file: { readonly path: string; readonly digest: string },
): KeptAdvice {
  return {
    source: 'plan',
    from: file.path,
    digest: file.digest,
    alertAt: amountText(cost.alertAt),
    endAfterSeconds: cost.endAfterSeconds > 0 ? cost.endAfterSeconds : undefined,
    said: about.priority === '' ? about.kept : { ...about.kept, priority: about.priority },
  };
}

function amountText(amount: Money): string | undefined {
  return isPositive(amount) ? toMicrosText(amount) : undefined;
}
