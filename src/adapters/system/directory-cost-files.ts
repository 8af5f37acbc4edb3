import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { EXIT, Fault } from '../../core/errors.ts';
import type { CostFiles } from '../../ports/system.ts';
import { groupId } from './group.ts';
import { placeFile } from './place-file.ts';

const NAME = /^job_[0-9]{1,10}(?:_[0-9]{1,7})?_cost\.json$/u;
const FILE_MODE = 0o640;
const DIRECTORY_MODE = 0o750;

/** `cost.data_dir`, readable by `cost.data_group`. */
export class DirectoryCostFiles implements CostFiles {
  readonly #directory: string;
  readonly #group: string | undefined;

  constructor(directory: string, group?: string | undefined) {
    this.#directory = directory;
    this.#group = group;
  }

  write(name: string, document: unknown): void {
    const path = this.#path(name);
    try {
      mkdirSync(this.#directory, { recursive: true, mode: DIRECTORY_MODE });
      const gid = this.#group === undefined ? undefined : groupId(this.#group);
      placeFile(path, `${JSON.stringify(document, null, 2)}\n`, { mode: FILE_MODE, gid });
    } catch (error) {
      throw new Fault(`cannot write ${path}`, { cause: error, exitCode: EXIT.tryAgain });
    }
  }

  read(name: string): unknown {
    try {
      return JSON.parse(readFileSync(this.#path(name), 'utf8'));
    } catch {
      return undefined; // not written yet, or somebody else's text: it is written anew
    }
  }

  #path(name: string): string {
    if (!NAME.test(name)) {
      throw new Fault(`${name} is no name of a cost file`);
    }
    return join(this.#directory, name);
  }
}
