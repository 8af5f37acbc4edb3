/** Cost files that are still to be written: token → instances that the run had a part of. */
export type PendingFiles = Readonly<Record<string, readonly string[]>>;

/** One note, changed in the transaction that charges: a crash before the file is written loses nothing. */
export const PENDING_FILES_NOTE = 'cost-files';

export function parsePendingFiles(note: string | undefined): PendingFiles {
  // Written by pendingFilesText alone, inside the ledger.
  return note === undefined || note === '' ? {} : (JSON.parse(note) as PendingFiles);
}

/** '' when nothing is pending: that deletes the note. */
export function pendingFilesText(pending: PendingFiles): string {
  return Object.keys(pending).length === 0 ? '' : JSON.stringify(pending);
}
