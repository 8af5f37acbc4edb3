import { Flags } from '@oclif/core';
import { DeletedAccount } from '../../schema/output/account.ts';
import { AccountCommand } from '../../src/cli/account-command.ts';
import { accountArg, changeFlags } from '../../src/cli/flags.ts';
import { deleteAccount } from '../../src/flows/account-delete.ts';

const SAID = {
  erased: 'was never used and is erased',
  inactive: 'is inactive; its books are kept',
  closed: 'is closed; what was free is given back',
} as const;

export default class AccountDelete extends AccountCommand {
  static override readonly role = 'administrator';
  static override readonly summary = 'End an account; its books are always kept.';
  static override readonly description =
    'An account that no money ever moved on is erased. Any other becomes inactive and can be made ' +
    'active again; with --force it is closed for good: what is free is given back and its SLURM ' +
    'names are free for other accounts. Refused while a hold is open or while it has children.';
  static override readonly examples = [
    '<%= config.bin %> account delete ml-7 --dry-run',
    '<%= config.bin %> account delete ml-7 --force',
  ];
  static override readonly args = { account: accountArg };
  static override readonly flags = {
    force: Flags.boolean({ summary: 'Close it for good.' }),
    ...changeFlags,
  };
  static readonly output = DeletedAccount;

  async run(): Promise<DeletedAccount> {
    const { args, flags } = await this.parse(AccountDelete);
    const ports = await this.ports(flags);
    const asked = { ...flags, account: args.account, dryRun: flags['dry-run'] };
    const { answer, isChanged, isDryRun } = this.must(await deleteAccount(asked, ports));
    const said = `Account ${args.account} ${SAID[answer.outcome]}.`;
    this.log(isDryRun ? `Dry run: nothing was changed. After it:\n${said}` : said);
    return {
      slurm_account: answer.account,
      outcome: answer.outcome,
      changed: isChanged,
      ...(isDryRun && { dry_run: true }),
    };
  }
}
