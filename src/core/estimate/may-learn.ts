import type { Settings } from '../config/settings.ts';

/** By the configuration (budget.md 4.12). */
export function mayLearn({ integration, asbx_integration }: Settings): boolean {
  return (
    (integration.asbx_enabled || asbx_integration.enabled) &&
    asbx_integration.update_cost_model &&
    asbx_integration.cost_model_learning.enabled
  );
}
