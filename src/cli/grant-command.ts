import { dayOf, dayText } from '../core/grant/calendar.ts';
import { escapeControls } from '../core/ledger/user-line.ts';
import type { GrantSight } from '../flows/steps/grant-sight.ts';
import type { FullPorts } from '../wiring/full.ts';
import { AsbbCommand } from './base.ts';
import { grantTables } from './grant-view.ts';

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

  protected tables(sight: GrantSight): string {
    return grantTables(sight, this.width(), (epochS) => dayText(dayOf(epochS, sight.zone)));
  }
}
