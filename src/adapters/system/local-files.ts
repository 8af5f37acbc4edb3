import { accessSync, constants, readFileSync, statSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import type { Files } from '../../ports/system.ts';

const PATH = ['/usr/local/bin', '/usr/bin', '/bin'];

export class LocalFiles implements Files {
  read(path: string): string | undefined {
    try {
      return readFileSync(path, 'utf8');
    } catch {
      return undefined; // whoever asks says what it means that it is not there
    }
  }

  isExecutable(path: string): boolean {
    try {
      accessSync(path, constants.X_OK);
      return statSync(path).isFile();
    } catch {
      return false;
    }
  }

  /** '' : it can be written to, or made; else why not. */
  whyNotWritable(directory: string): string {
    try {
      accessSync(directory, constants.W_OK | constants.X_OK);
      return statSync(directory).isDirectory() ? '' : 'is not a directory';
    } catch (error) {
      const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
      if (!isMissing) {
        return 'cannot be written to by this user';
      }
      const parent = dirname(directory);
      const why = parent === directory ? 'is not there' : this.whyNotWritable(parent);
      return why === '' ? '' : `is not there, and ${parent} ${why}`;
    }
  }

  /** The program that a name or path stands for; undefined: none that can be run. */
  find(command: string): string | undefined {
    const places = isAbsolute(command) ? [command] : PATH.map((folder) => join(folder, command));
    return places.find((place) => this.isExecutable(place));
  }
}
