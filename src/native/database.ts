import Database from 'better-sqlite3';
import { nativeBinding } from './addon.ts';

export interface DatabasePlace {
  readonly file: string;
  /** Where the addon is unpacked when the executable came alone: only root or we may write there. */
  readonly stateDirectory: string;
  readonly busyMilliseconds: number;
  readonly readonly?: boolean;
  /** Then SQLite never creates the file, whose mode would not be ours. */
  readonly mustExist?: boolean;
}

/** Opens any SQLite file of ours with better-sqlite3; which PRAGMAs it needs is the caller's affair. */
export function openDatabase(place: DatabasePlace): Database.Database {
  const binding = nativeBinding(place.stateDirectory);
  const db = new Database(place.file, {
    timeout: place.busyMilliseconds,
    readonly: place.readonly ?? false,
    fileMustExist: place.mustExist ?? false,
    // The types know only a path here; the library takes a loaded addon as well (lib/binding.js).
    ...(binding && { nativeBinding: binding as unknown as string }),
  });
  db.defaultSafeIntegers(true); // every integer arrives as bigint, so micro-dollars are never rounded
  return db;
}
