import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { CatalogFile } from '../../../schema/catalog.ts';
import type { StoredCatalog } from '../../core/burst/catalog.ts';
import { EXIT, Fault } from '../../core/errors.ts';
import type { CatalogStore } from '../../ports/catalog.ts';
import { placeFile } from './place-file.ts';

/** What types can do is no secret: people run `asbb burst analyze`. */
const MODE = 0o644;
const BYTES_MAX = 8 * 1024 * 1024;

/** `<state_dir>/catalog.json`. */
export class FileCatalog implements CatalogStore {
  readonly #path: string;

  constructor(stateDirectory: string) {
    this.#path = join(stateDirectory, 'catalog.json');
  }

  read(): StoredCatalog | undefined {
    try {
      if (statSync(this.#path).size > BYTES_MAX) {
        return undefined;
      }
      const parsed = CatalogFile.safeParse(JSON.parse(readFileSync(this.#path, 'utf8')));
      return parsed.data;
    } catch {
      return undefined; // a cache that cannot be read is made anew
    }
  }

  write(catalog: StoredCatalog): void {
    try {
      placeFile(this.#path, `${JSON.stringify({ version: 1, ...catalog })}\n`, { mode: MODE });
    } catch (cause) {
      throw new Fault(`${this.#path} cannot be written`, { cause, exitCode: EXIT.fault });
    }
  }
}
