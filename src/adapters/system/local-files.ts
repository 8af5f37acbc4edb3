import { accessSync, constants, readFileSync, statSync } from 'node:fs';
import type { Files } from '../../ports/system.ts';

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
}
