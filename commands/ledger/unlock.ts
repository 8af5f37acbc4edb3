import { Flags } from '@oclif/core';
import { LedgerUnlock as Output } from '../../schema/output/ledger.ts';
import { AsbbCommand } from '../../src/cli/base.ts';
import { unlockLedger } from '../../src/flows/ledger-unlock.ts';

export default class LedgerUnlock extends AsbbCommand {
  static override readonly role = 'administrator';
  static override readonly summary = 'Let hooks write again after a failed check, if all verifies.';
  static override readonly examples = ['<%= config.bin %> ledger unlock --after-restore'];
  static override readonly flags = {
    'after-restore': Flags.boolean({ summary: 'The ledger was restored from a backup.' }),
  };
  static readonly output = Output;

  async run(): Promise<Output> {
    const { flags } = await this.parse(LedgerUnlock);
    const ports = await this.ports(flags);
    const asked = { afterRestore: flags['after-restore'] };
    const unlocked = this.must(await unlockLedger(asked, ports));
    this.log(unlocked ? 'The ledger is unlocked.' : 'The ledger was not locked.');
    return { unlocked };
  }
}
