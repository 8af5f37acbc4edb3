/** The emulator's file: everything that slurmctld, slurmdbd and the scenario remember. */
export const SCHEMA = `
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS setting (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS person (name TEXT PRIMARY KEY, uid INTEGER NOT NULL, gid INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS node (name TEXT PRIMARY KEY, doc TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS partition_state (name TEXT PRIMARY KEY, state TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS job (id INTEGER PRIMARY KEY, doc TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS script (job_id INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT;
-- What slurmdbd knows of a run: the row with the greatest visible_us that is not after now counts.
CREATE TABLE IF NOT EXISTS run (
  seq INTEGER PRIMARY KEY, run_id INTEGER NOT NULL, job_id INTEGER NOT NULL,
  visible_us INTEGER NOT NULL, doc TEXT NOT NULL) STRICT;
CREATE INDEX IF NOT EXISTS run_by_job ON run (job_id);
CREATE INDEX IF NOT EXISTS run_by_run ON run (run_id, visible_us);
-- What happened to instances outside: the next tick acts on it.
CREATE TABLE IF NOT EXISTS event (
  id INTEGER PRIMARY KEY, at_us INTEGER NOT NULL, kind TEXT NOT NULL, node TEXT NOT NULL) STRICT;
-- Programs that the next tick starts, and those it has started.
CREATE TABLE IF NOT EXISTS due (
  id INTEGER PRIMARY KEY, due_us INTEGER NOT NULL, kind TEXT NOT NULL, doc TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS call (id INTEGER PRIMARY KEY, at_us INTEGER NOT NULL, doc TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS fault (
  id INTEGER PRIMARY KEY, doc TEXT NOT NULL, seen INTEGER NOT NULL, fired INTEGER NOT NULL) STRICT;
`;
