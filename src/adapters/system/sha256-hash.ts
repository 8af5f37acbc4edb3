import type { Hash } from '../../ports/system.ts';

export class Sha256Hash implements Hash {
  sha256(text: string): string {
    // Only when it is called: node:crypto costs milliseconds to load.
    return process.getBuiltinModule('node:crypto').createHash('sha256').update(text).digest('hex');
  }
}
