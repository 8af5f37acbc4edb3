import { type Forecast, forecastOf } from '../core/burn/forecast.ts';
import { isRefused, type Refused } from '../core/errors.ts';
import type { BurnPorts } from './steps/burn-facts.ts';
import { type BurnQuery, type BurnReading, readBurn } from './steps/read-burn.ts';

export interface ForecastAnswer extends BurnReading {
  readonly forecast: Forecast;
}

/** `forecast`: where spending ends if it goes on as in the period. NOT_FOUND, VALIDATION_ERROR. */
export async function showForecast(
  query: BurnQuery,
  ports: BurnPorts,
): Promise<ForecastAnswer | Refused> {
  const reading = await readBurn(query, ports);
  if (isRefused(reading)) {
    return reading;
  }
  const { spender, plan, metrics } = reading;
  const days = Math.max(1, metrics.window.days);
  return { ...reading, forecast: forecastOf(plan, { ...spender, metrics }, days) };
}
