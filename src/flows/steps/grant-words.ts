import type { Settings } from '../../core/config/settings.ts';
import { isRefused, type Refused } from '../../core/errors.ts';
import type { AwardTerms, AwardTexts } from '../../core/grant/create-award.ts';
import {
  ACCOUNTING_BASES,
  CARRYOVER_POLICIES,
  RATE_BASES,
  RATE_TYPES,
  type RateBase,
  type RateType,
  REPORT_FREQUENCIES,
} from '../../core/grant/rows.ts';
import { invalid } from '../../core/ledger/account-words.ts';
import { type Said, sumOf, wordOf } from './ask-grant.ts';

// The flags of a grant as a person writes them, read into what core wants; refusals name the JSON key.

/** What `grant create` and `grant update` share. */
export interface GrantFlags {
  readonly program?: string | undefined;
  readonly coPis?: readonly string[] | undefined;
  readonly department?: string | undefined;
  readonly compliance?: string | undefined;
  readonly federalId?: string | undefined;
  readonly project?: string | undefined;
  readonly costCenter?: string | undefined;
  readonly fain?: string | undefined;
  readonly aln?: string | undefined;
  readonly uei?: string | undefined;
  readonly ein?: string | undefined;
  readonly recipientAccount?: string | undefined;
  readonly direct?: string | undefined;
  readonly periods?: string | undefined;
  readonly accounting?: string | undefined;
  readonly costShare?: string | undefined;
  readonly mtdcCap?: string | undefined;
  readonly cloudInMtdc?: boolean | undefined;
  readonly carryover?: string | undefined;
  readonly reportFrequency?: string | undefined;
  readonly legalHold?: boolean | undefined;
}

const RATE = /^(?:0|1)(?:\.(\d{1,4}))?$/u;
const MONTHS = /^\d{1,4}$/u;
const E4 = 10_000;
const RATE_DIGITS = 4;

/** Reads a flag that was given; undefined stays undefined. */
export function given<T>(
  text: string | undefined,
  flag: string,
  field: string,
  read: (said: Said) => T | Refused,
): T | undefined | Refused {
  return text === undefined ? undefined : read({ text, flag, field });
}

/** `0.30` is 3000: 0 to 1 with at most 4 decimals. */
export function rateE4Of({ text, flag, field = flag }: Said): number | Refused {
  const match = RATE.exec(text);
  const rateE4 =
    Number(text.slice(0, 1)) * E4 + Number((match?.[1] ?? '').padEnd(RATE_DIGITS, '0'));
  return match === null || rateE4 > E4
    ? invalid(
        field,
        `--${flag} ${text.slice(0, 40)}: not a rate`,
        'between 0 and 1 with at most 4 decimals, as in 0.30',
      )
    : rateE4;
}

export function baseOf(said: Said): RateBase | Refused {
  return wordOf(said, RATE_BASES);
}

export function rateTypeOf(said: Said): RateType | Refused {
  return wordOf(said, RATE_TYPES);
}

function monthsOf({ text, flag, field = flag }: Said): number | Refused {
  return MONTHS.test(text)
    ? Number(text)
    : invalid(field, `--${flag} ${text.slice(0, 40)}: not a number of months`, '1 to 60, as in 12');
}

/** Repeatable, or parted by commas; blanks around the names go. */
function namesOf(said: readonly string[] | undefined): readonly string[] | undefined {
  return said
    ?.flatMap((each) => each.split(','))
    .map((name) => name.trim())
    .filter((name) => name !== '');
}

export function textsOf(flags: GrantFlags): AwardTexts | Refused {
  const { compliance } = flags;
  if (compliance !== undefined && compliance !== '' && !isJson(compliance)) {
    return invalid('compliance_requirements', '--compliance is not JSON', 'as {"data": "DMP-2"}');
  }
  return {
    program: flags.program,
    coPis: namesOf(flags.coPis),
    department: flags.department,
    compliance,
    federalAwardId: flags.federalId,
    projectCode: flags.project,
    costCenter: flags.costCenter,
    fain: flags.fain,
    assistanceListing: flags.aln,
    uei: flags.uei,
    ein: flags.ein,
    recipientAccount: flags.recipientAccount,
  };
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** Amounts, months and words; the first that cannot be read is refused. */
export function termsOf(flags: GrantFlags): AwardTerms | Refused {
  const direct = given(flags.direct, 'direct', 'direct_costs', sumOf);
  const periodMonths = given(flags.periods, 'periods', 'budget_period_months', monthsOf);
  const accounting = given(flags.accounting, 'accounting', 'basis_of_accounting', (said) =>
    wordOf(said, ACCOUNTING_BASES),
  );
  const costShare = given(flags.costShare, 'cost-share', 'cost_share_required', sumOf);
  const subawardCap = given(flags.mtdcCap, 'mtdc-cap', 'subaward_mtdc_cap', sumOf);
  const carryover = given(flags.carryover, 'carryover', 'carryover_policy', (said) =>
    wordOf(said, CARRYOVER_POLICIES),
  );
  const reportFrequency = given(
    flags.reportFrequency,
    'report-frequency',
    'report_frequency',
    (said) => wordOf(said, REPORT_FREQUENCIES),
  );
  return allRead({
    direct,
    periodMonths,
    accounting,
    costShare,
    subawardCap,
    carryover,
    reportFrequency,
    cloudInMtdc: flags.cloudInMtdc,
    legalHold: flags.legalHold,
  });
}

type Read<T> = { readonly [K in keyof T]: Exclude<T[K], Refused> };

/** The record when every part of it could be read, else the first refusal. */
export function allRead<T extends object>(parts: T): Read<T> | Refused {
  const bad = Object.values(parts).find((part) => isRefused(part));
  return isRefused(bad) ? bad : (parts as Read<T>); // no member is a refusal
}

/** What the journal keeps of the words: those that were said. */
export function saidArgs(words: object): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(words)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : String(value)]),
  );
}

export interface CapPorts {
  readonly settings: {
    readonly grant_management: Pick<Settings['grant_management'], 'de_minimis_cap'>;
  };
}

export function capOf({ settings }: CapPorts): number | undefined {
  return settings.grant_management.de_minimis_cap;
}
