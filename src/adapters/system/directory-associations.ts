import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Fault } from '../../core/errors.ts';
import type { Association, Associations } from '../../ports/slurm.ts';
import { placeFile } from './place-file.ts';

const MODE = 0o640;

/**
 * `<state_dir>/associations`: one `account user` a line, between newlines, so that a submit finds its
 * pair without taking the text apart. No file: the cluster enforces associations itself.
 */
export class DirectoryAssociations implements Associations {
  readonly #file: string;

  constructor(stateDirectory: string) {
    this.#file = join(stateDirectory, 'associations');
  }

  isForeign({ account, user }: Association): boolean {
    const text = this.#read();
    // SLURM keeps account names in lower case.
    const names = [account, account.toLowerCase()];
    return text !== undefined && !names.some((name) => text.includes(lineOf(name, user)));
  }

  keep(pairs: readonly Association[] | undefined): void {
    if (pairs === undefined) {
      rmSync(this.#file, { force: true });
      return;
    }
    const text = ['', ...pairs.map(({ account, user }) => `${account} ${user}`), ''].join('\n');
    if (text !== this.#read()) {
      placeFile(this.#file, text, { mode: MODE });
    }
  }

  #read(): string | undefined {
    try {
      return readFileSync(this.#file, 'utf8');
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
        return undefined;
      }
      throw new Fault(`cannot read ${this.#file}`, { cause: error, exitCode: 75 });
    }
  }
}

function lineOf(account: string, user: string): string {
  return `\n${account} ${user}\n`;
}
