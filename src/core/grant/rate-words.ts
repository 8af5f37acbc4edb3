import type { RateType } from './rows.ts';

/** Awards that start on or after that day follow the rules of 2024. */
export const RULES_2024_DAY = 20_241_001;
/** De minimis rates of MTDC under the rules from 2024-10-01 and before (2 CFR 200.414(f)). */
const DE_MINIMIS_2024_E4 = 1500;
const DE_MINIMIS_BEFORE_E4 = 1000;

/** `0.30` of 3000, as a percentage: 30 %. */
export function rateText(rateE4: number): string {
  const hundredths = rateE4 % 100;
  const whole = Math.floor(rateE4 / 100);
  return hundredths === 0 ? `${whole} %` : `${whole}.${String(hundredths).padStart(2, '0')} %`;
}

/** Of an award that began on that day, in 1/10000; `given`: what the site says, 0 to 1. */
export function deMinimisCapE4(awardStartDay: number, given: number | undefined): number {
  const usual = awardStartDay >= RULES_2024_DAY ? DE_MINIMIS_2024_E4 : DE_MINIMIS_BEFORE_E4;
  return given === undefined ? usual : Math.round(given * 10_000);
}

interface RateAsked {
  readonly type: RateType;
  readonly rateE4: number;
  readonly awardStartDay: number;
}

/** Only a warning: the negotiated agreement rules (budget.md 8.2). */
export function deMinimisWarning(
  { type, rateE4, awardStartDay }: RateAsked,
  given: number | undefined,
): string | undefined {
  const cap = deMinimisCapE4(awardStartDay, given);
  return type === 'de_minimis' && rateE4 > cap
    ? `a de minimis rate is at most ${rateText(cap)} of MTDC for this award, ${rateText(rateE4)} was given`
    : undefined;
}
