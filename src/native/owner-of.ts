import { statSync } from 'node:fs';

/**
 * Whose a new file of the state directory must be: root gives it to the directory's owner, so that the
 * hooks of SlurmUser can use what a command of root made first (reliability.md 2.1). Others keep theirs.
 */
export function ownerOf(directory: string): { readonly uid?: number; readonly gid?: number } {
  if (process.geteuid?.() !== 0) {
    return {};
  }
  const { uid, gid } = statSync(directory);
  return { uid, gid };
}
