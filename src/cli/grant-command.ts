import type { ChangedEntry, ChangedGrant, ImportedEntries } from '../../schema/output/grant.ts';
import { dayOf, dayText } from '../core/grant/calendar.ts';
import { escapeControls } from '../core/ledger/user-line.ts';
import type { EntryDone } from '../flows/grant-entry.ts';
import type { GrantDone } from '../flows/steps/ask-grant.ts';
import type { GrantSight } from '../flows/steps/grant-sight.ts';
import type { FullPorts } from '../wiring/full.ts';
import { AsbbCommand } from './base.ts';
import { changedJson, enteredJson } from './grant-json.ts';
import { entryText, grantTables, grantText } from './grant-view.ts';

type Flags = Parameters<AsbbCommand['ports']>[0];

/** What the commands about grants share. */
export abstract class GrantCommand extends AsbbCommand {
  /** The ports, unless the configuration switches grants off. */
  protected async grantPorts(flags: Flags): Promise<FullPorts> {
    const ports = await this.ports(flags);
    const { integration, grant_management } = ports.settings;
    this.enabled(integration.grant_management_enabled, 'integration.grant_management_enabled');
    this.enabled(grant_management.enabled, 'grant_management.enabled');
    return ports;
  }

  /** Bare values, one a line: nothing at all for none, so that a pipe has nothing to do. */
  protected lines(values: readonly string[]): void {
    if (values.length > 0) {
      this.log(values.map(escapeControls).join('\n'));
    }
  }

  /** The grant after a change, or as it would be; `text` instead of the full block. */
  protected changed(done: GrantDone, text?: (sight: GrantSight) => string): ChangedGrant {
    const { sight, answer, isChanged, isDryRun } = done;
    const full = [grantText(sight), this.tables(sight)].join('\n\n');
    if (isDryRun) {
      this.log(`Dry run: nothing was changed. The grant would be:\n\n${full}`);
    } else {
      this.log(text?.(sight) ?? full);
    }
    for (const warning of answer.warnings) {
      this.note(warning);
    }
    if (!isChanged) {
      this.note('nothing had to be changed');
    }
    return changedJson(sight, { warnings: answer.warnings, isChanged, isDryRun });
  }

  protected tables(sight: GrantSight): string {
    return grantTables(sight, this.width(), (epochS) => dayText(dayOf(epochS, sight.zone)));
  }

  /** One entry after `entry add`. */
  protected entered(number: string, done: EntryDone, isDryRun: boolean): ChangedEntry {
    const { answer, isChanged } = done;
    const told = isChanged ? 'Entry recorded.' : 'Recorded before, nothing was changed:';
    const head = isDryRun ? 'Dry run: nothing was changed. The entry would be:' : told;
    this.log(`${head}\n${entryText(done)}`);
    for (const warning of answer.warnings) {
      this.note(warning);
    }
    return {
      ...enteredJson(done, number),
      warnings: [...answer.warnings],
      ...(isDryRun && { dry_run: true }),
    };
  }

  /** The entries of a file. */
  protected imported(
    number: string,
    done: readonly EntryDone[],
    isDryRun: boolean,
  ): ImportedEntries {
    const recorded = done.filter(({ isChanged }) => isChanged).length;
    const known = done.length - recorded;
    const verb = isDryRun ? 'Dry run: would record' : 'Recorded';
    this.log(`${verb} ${recorded} entries on ${number}, ${known} known before.`);
    return {
      grant_number: number,
      recorded,
      known,
      entries: done.map((each) => enteredJson(each, number)),
      ...(isDryRun && { dry_run: true }),
    };
  }
}
