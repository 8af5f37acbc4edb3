import type { Thresholds } from '../../../src/core/alerts/facts.ts';
import { usd } from '../../support/dollars.ts';

export const THRESHOLDS: Thresholds = {
  critical_variance: 50,
  warning_variance: 20,
  low_variance: 30,
  health_score_warning: 60,
  health_score_critical: 40,
  hysteresis: 5,
  staleAfterS: 86_400,
  unusualLeast: usd('10'),
};
