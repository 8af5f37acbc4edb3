import type { StoredCatalog } from '../core/burst/catalog.ts';

/** What EC2 last said of instance types: a cache, which may be lost at any time. */
export interface CatalogStore {
  /** Undefined: there is none, or it cannot be read. */
  read(): StoredCatalog | undefined;
  /** Whole or not at all; a Fault when it cannot be written. */
  write(catalog: StoredCatalog): void;
}
