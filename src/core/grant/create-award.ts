import { type Refused, refused } from '../errors.ts';
import { firstOf, invalid } from '../ledger/account-words.ts';
import type { Decision } from '../ledger/change.ts';
import type { View } from '../ledger/view.ts';
import { exceeds, fromMicrosText, isNegative, isZero, type Money, ZERO } from '../money/money.ts';
import { deMinimisWarning, RULES_2024_DAY } from './rate-words.ts';
import type {
  AccountingBasis,
  AwardRow,
  CarryoverPolicy,
  RateBase,
  RateType,
  ReportFrequency,
} from './rows.ts';
import {
  type AwardAnswer,
  awardFundLines,
  badSum,
  badText,
  changeRow,
  moneyPost,
  nextAwardIds,
} from './words.ts';

/** What a person says of a grant; absent: '' or the default of budget.md 1.7 and 8.1. */
export interface AwardTexts {
  readonly program?: string | undefined;
  readonly coPis?: readonly string[] | undefined;
  readonly department?: string | undefined;
  readonly compliance?: string | undefined;
  /** `NN.NNN` is an Assistance Listing number: copied there when that is not said. */
  readonly federalAwardId?: string | undefined;
  readonly projectCode?: string | undefined;
  readonly costCenter?: string | undefined;
  readonly fain?: string | undefined;
  readonly assistanceListing?: string | undefined;
  readonly uei?: string | undefined;
  readonly ein?: string | undefined;
  readonly recipientAccount?: string | undefined;
}

export interface AwardPeople {
  readonly agency?: string | undefined;
  readonly pi?: string | undefined;
  readonly institution?: string | undefined;
}

export interface AwardTerms {
  readonly direct?: Money | undefined;
  /** 1 to 60, default 12. */
  readonly periodMonths?: number | undefined;
  readonly accounting?: AccountingBasis | undefined;
  readonly costShare?: Money | undefined;
  /** Default by the award's start. */
  readonly subawardCap?: Money | undefined;
  readonly cloudInMtdc?: boolean | undefined;
  readonly carryover?: CarryoverPolicy | undefined;
  readonly reportFrequency?: ReportFrequency | undefined;
  readonly legalHold?: boolean | undefined;
}

export interface CreateAward extends AwardTexts, AwardTerms {
  /** `grant_management.de_minimis_cap`: part of no grant. */
  readonly deMinimisCap?: number | undefined;
  readonly number: string;
  readonly agency: string;
  readonly pi: string;
  readonly institution: string;
  /** total_award_amount. */
  readonly total: Money;
  /** The first instalment, where the award comes in several; absent: the total. */
  readonly authorized?: Money | undefined;
  readonly startS: number;
  readonly endS: number;
  /** YYYYMMDD of both in the site zone. */
  readonly startDay: number;
  readonly endDay: number;
  /** The one row over the whole grant. 3000 is 30 %. */
  readonly rateE4: number;
  readonly rateBase: RateBase;
  readonly rateType: RateType;
  /** Of the award letter; default its number. */
  readonly reference?: string | undefined;
}

const NUMBER_LENGTH_MAX = 128;
const NAME_LENGTH_MAX = 255;
const CODE_LENGTH_MAX = 64;
const COMPLIANCE_LENGTH_MAX = 65_536;
const CO_PIS_MAX = 100;
const PERIOD_MONTHS_MAX = 60;
const WHOLE_E4 = 10_000;
/** Part of a subaward in MTDC: $50,000 under the rules of 2024, $25,000 before. */
const CAP_2024 = fromMicrosText('50000000000');
const CAP_BEFORE = fromMicrosText('25000000000');
const LISTING = /^\d{2}\.\d{3}$/u;
/** Grant numbers stand in URLs, file names and listings. */
const NUMBER = /^[A-Za-z0-9][A-Za-z0-9_.:/() -]*$/u;

function badNumber(number: string): Refused | undefined {
  return (
    badText('grant_number', number, NUMBER_LENGTH_MAX, true) ??
    (NUMBER.test(number)
      ? undefined
      : invalid(
          'grant_number',
          `'${number.slice(0, 64)}' is not a grant number`,
          'letters, digits, blanks and _ . : / ( ) -, beginning with a letter or digit',
        ))
  );
}

/** Everything that people say of a grant, whether it is new or changed. VALIDATION_ERROR. */
export function badWords(words: AwardTexts & AwardPeople): Refused | undefined {
  const { agency = '-', pi = '-', institution = '-', coPis = [] } = words;
  return firstOf(
    badText('funding_agency', agency, NAME_LENGTH_MAX, true),
    badText('principal_investigator', pi, NAME_LENGTH_MAX, true),
    badText('institution', institution, NAME_LENGTH_MAX), // the site may not have said its own
    badText('agency_program', words.program ?? '', NAME_LENGTH_MAX),
    badText('department', words.department ?? '', NAME_LENGTH_MAX),
    ...coPis.map((name) => badText('co_investigators', name, NAME_LENGTH_MAX, true)),
    coPis.length > CO_PIS_MAX
      ? invalid('co_investigators', `at most ${CO_PIS_MAX} co-investigators`)
      : undefined,
    badText('federal_award_id', words.federalAwardId ?? '', NUMBER_LENGTH_MAX),
    badText('internal_project_code', words.projectCode ?? '', CODE_LENGTH_MAX),
    badText('cost_center', words.costCenter ?? '', CODE_LENGTH_MAX),
    badText('fain', words.fain ?? '', CODE_LENGTH_MAX),
    badListing(words.assistanceListing ?? ''),
    badText('uei', words.uei ?? '', CODE_LENGTH_MAX),
    badText('ein', words.ein ?? '', CODE_LENGTH_MAX),
    badText('recipient_account_number', words.recipientAccount ?? '', CODE_LENGTH_MAX),
    badText('compliance_requirements', words.compliance ?? '', COMPLIANCE_LENGTH_MAX),
  );
}

function badListing(listing: string): Refused | undefined {
  return listing === '' || LISTING.test(listing)
    ? undefined
    : invalid('assistance_listing_number', `'${listing.slice(0, 20)}' is not NN.NNN`, 'as 47.070');
}

/** VALIDATION_ERROR. */
export function badTerms(terms: AwardTerms): Refused | undefined {
  const { periodMonths = 1, costShare = ZERO, subawardCap = ZERO, direct = ZERO } = terms;
  const isMonths =
    Number.isInteger(periodMonths) && periodMonths >= 1 && periodMonths <= PERIOD_MONTHS_MAX;
  return firstOf(
    isMonths
      ? undefined
      : invalid('budget_period_months', `a budget period has 1 to ${PERIOD_MONTHS_MAX} months`),
    isNegative(costShare)
      ? invalid('cost_share_required', 'a cost share is not negative')
      : undefined,
    isNegative(subawardCap)
      ? invalid('subaward_mtdc_cap', 'a cap of subawards is not negative')
      : undefined,
    isNegative(direct) ? invalid('direct_costs', 'direct costs are not negative') : undefined,
  );
}

export function badRate(rateE4: number): Refused | undefined {
  return Number.isInteger(rateE4) && rateE4 >= 0 && rateE4 <= WHOLE_E4
    ? undefined
    : invalid(
        'indirect_cost_rate',
        'a rate is between 0 and 1, with at most 4 decimals',
        'as 0.30',
      );
}

function malformed(ask: CreateAward): Refused | undefined {
  const { authorized = ask.total, direct = ZERO } = ask;
  return firstOf(
    badNumber(ask.number),
    badWords(ask),
    badSum('total_award_amount', ask.total),
    isNegative(authorized) || exceeds(authorized, ask.total)
      ? invalid('authorized_amount', 'what is authorised lies between 0 and the total')
      : undefined,
    exceeds(direct, ask.total)
      ? invalid('direct_costs', 'direct costs are more than the total')
      : undefined,
    ask.endS <= ask.startS
      ? invalid('grant_end_date', 'the end does not lie after the start')
      : undefined,
    badTerms(ask),
    badRate(ask.rateE4),
  );
}

/** The Assistance Listing number, of the originals' federal_award_id where that is one. */
function listingOf({ assistanceListing, federalAwardId = '' }: AwardTexts): string {
  return assistanceListing ?? (LISTING.test(federalAwardId) ? federalAwardId : '');
}

function capOf(startDay: number): Money {
  return startDay >= RULES_2024_DAY ? CAP_2024 : CAP_BEFORE;
}

const TERMS = {
  program: '',
  coPis: [],
  department: '',
  compliance: '',
  federalAwardId: '',
  projectCode: '',
  costCenter: '',
  fain: '',
  assistanceListing: '',
  uei: '',
  ein: '',
  recipientAccount: '',
  direct: undefined,
  periodMonths: 12,
  accounting: 'accrual',
  costShare: ZERO,
  cloudInMtdc: true,
  carryover: 'automatic',
  reportFrequency: 'annual',
  legalHold: false,
} as const satisfies Partial<AwardRow>;

type Said = AwardTexts & AwardTerms;

/** Of everything that a grant may be described with, what was said. */
export function saidOf(ask: Said): Partial<AwardRow> {
  const names = [...Object.keys(TERMS), 'subawardCap'] as (keyof Said)[];
  return Object.fromEntries(
    names.filter((name) => ask[name] !== undefined).map((name) => [name, ask[name]]),
  );
}

function rowOf(view: View, ask: CreateAward): AwardRow {
  return {
    ...TERMS,
    subawardCap: capOf(ask.startDay),
    ...saidOf({ ...ask, assistanceListing: listingOf(ask) }),
    awardId: nextAwardIds(view).awardId,
    number: ask.number,
    amount: ask.authorized ?? ask.total,
    total: ask.total,
    startS: ask.startS,
    endS: ask.endS,
    agency: ask.agency,
    pi: ask.pi,
    institution: ask.institution,
    status: 'active',
    createdUs: view.nowUs,
    updatedUs: view.nowUs,
  };
}

/**
 * A new grant: its first AWARD, the `fund` of the authorised sum and one rate row over all of it. Query:
 * awards.numbers. VALIDATION_ERROR with the JSON key in `field`, DUPLICATE.
 */
export function createAward(view: View, ask: CreateAward): Decision<AwardAnswer> | Refused {
  const bad = malformed(ask);
  if (bad !== undefined) {
    return bad;
  }
  const known = view.awards?.awards.some(({ award }) => award.number === ask.number);
  if (known === true) {
    return refused('DUPLICATE', `Grant '${ask.number}' already exists`, {
      advice: `see asbb grant show ${ask.number}`,
      fields: { grant: ask.number },
    });
  }
  const row = rowOf(view, ask);
  // Authorised from its first day, whenever that is recorded: reports on earlier periods have it (10d).
  const amendment = {
    number: ask.number,
    reference: ask.reference ?? ask.number,
    effectiveS: ask.startS,
  };
  const first = changeRow(view, row, amendment, {
    kind: 'AWARD',
    delta: row.amount,
    detail: { oldAmount: ZERO, newAmount: row.amount },
  });
  const lines = awardFundLines(row.awardId, row.amount);
  const { rateType: type, rateE4, startDay: awardStartDay } = ask;
  const warning = deMinimisWarning({ type, rateE4, awardStartDay }, ask.deMinimisCap);
  return {
    changes: [
      { change: 'putAward', row },
      { change: 'insertAwardChange', row: first },
      {
        change: 'putFaRate',
        row: {
          rateId: nextAwardIds(view).rateId,
          awardId: row.awardId,
          rateE4: ask.rateE4,
          base: ask.rateBase,
          fromDay: ask.startDay,
          toDay: ask.endDay,
          type: ask.rateType,
        },
      },
      ...(isZero(row.amount) ? [] : [moneyPost(view, { kind: 'fund', cause: 'award', lines })]),
    ],
    answer: { grant: ask.number, warnings: warning === undefined ? [] : [warning] },
  };
}
