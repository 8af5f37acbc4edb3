import { ShownAccount } from '../../schema/output/account.ts';
import { AccountCommand } from '../../src/cli/account-command.ts';
import { accountText, detailsJson } from '../../src/cli/account-view.ts';
import { readAccountArg } from '../../src/cli/flags.ts';
import { holdsJson, holdsText } from '../../src/cli/hold-view.ts';
import { showAccountWithHolds } from '../../src/flows/account-read.ts';

export default class AccountShow extends AccountCommand {
  static override readonly summary =
    'Show one account: its money, state, schedules, limits, holds.';
  static override readonly examples = [
    '<%= config.bin %> account show ml-7',
    '<%= config.bin %> account show ml-7 --json',
  ];
  static override readonly args = { account: readAccountArg };
  static readonly output = ShownAccount;

  async run(): Promise<ShownAccount> {
    const { args, flags } = await this.parse(AccountShow);
    const ports = await this.ports(flags);
    const held = this.must(await showAccountWithHolds(this.accountOf(args), ports));
    const { report } = held;
    const eyes = this.eyes(ports);
    const holds = holdsText(held, ports.zone, this.width());
    this.log(`${accountText(report, eyes, this.width())}${holds}`);
    const { openHoldCount } = report.figures;
    return { ...detailsJson(report, eyes), open_holds: openHoldCount, holds: holdsJson(held) };
  }
}
