import type { ChangedAccount } from '../../schema/output/account.ts';
import { lastDays } from '../core/burn/spark.ts';
import { assert } from '../core/errors.ts';
import { dayOf } from '../core/grant/calendar.ts';
import type { AccountReport } from '../ports/reports.ts';
import type { Spending } from '../ports/spending.ts';
import { accountText, changedJson, type Eyes } from './account-view.ts';
import { AsbbCommand } from './base.ts';
import type { Column } from './table.ts';
import { trendColumn } from './usage-view.ts';

interface Done {
  readonly report: AccountReport | undefined;
  readonly isChanged: boolean;
  readonly isDryRun: boolean;
}

interface Place {
  readonly clock: { nowUs(): number };
  readonly zone: string;
}

const TREND_DAYS = 30;
const MICROS_PER_SECOND = 1_000_000;

/** What the commands about one account share: its name, and what they print. */
export abstract class AccountCommand extends AsbbCommand {
  /** The argument, or ASBB_ACCOUNT. */
  protected accountOf(args: { readonly account?: string | undefined }): string {
    return this.needed(args.account ?? this.config.scopedEnvVar('ACCOUNT'), 'account');
  }

  protected eyes({ clock, zone }: Place): Eyes {
    return { nowS: Math.floor(clock.nowUs() / MICROS_PER_SECOND), zone };
  }

  /** On a terminal: what each account spent in the last 30 days, as bars. */
  protected async trends(
    reports: readonly AccountReport[],
    { spending, ...place }: Place & { readonly spending: Spending },
  ): Promise<readonly Column<AccountReport>[]> {
    if (!this.hasTrends()) {
      return [];
    }
    const { nowS, zone } = this.eyes(place);
    const span = lastDays(dayOf(nowS, zone), TREND_DAYS);
    const names = reports.map(({ figures }) => figures.account.name);
    const trends = await spending.trends(names, span.from);
    return trendColumn(({ figures }) => figures.account.name, trends, span);
  }

  /** The account after a change, or as it would be; `text` instead of the full block. */
  protected changed(
    done: Done,
    place: Place,
    text?: (report: AccountReport) => string,
  ): ChangedAccount {
    const { report, isChanged, isDryRun } = done;
    assert(report !== undefined, 'an account that was changed can be shown');
    const eyes = this.eyes(place);
    if (isDryRun) {
      this.log('Dry run: nothing was changed. The account would be:\n');
      this.log(accountText(report, eyes, this.width()));
    } else {
      this.log(text?.(report) ?? accountText(report, eyes, this.width()));
    }
    if (!isChanged) {
      this.note('nothing had to be changed');
    }
    return changedJson(report, eyes, done);
  }
}
