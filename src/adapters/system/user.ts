import { EXIT, Fault } from '../../core/errors.ts';
import { passwdEntry } from '../../native/passwd.ts';

const NUMBER = /^[0-9]{1,10}$/u;

function credential(name: string): string | number {
  return NUMBER.test(name) ? Number(name) : name;
}

/** Is that the user whose rights we have? Asked of the system's user database; starts no program. */
export function isUser(name: string): boolean {
  const before = process.geteuid?.() ?? 0;
  if (before === 0) {
    return name === 'root' || name === '0';
  }
  try {
    process.seteuid?.(credential(name)); // changes nothing when it is us; anybody else is EPERM
    return process.geteuid?.() === before;
  } catch {
    return false;
  } finally {
    process.seteuid?.(before);
  }
}

/** Root gives its rights up for good before it opens anything. */
function stepDown(name: string): void {
  const identity = passwdEntry(name);
  if (identity === undefined) {
    throw new Fault(`the user ${name} (slurm.user) is not in /etc/passwd`, {
      advice: 'start the hook as that user',
    });
  }
  // @types/node leaves it out; both runtimes have it.
  (process as { initgroups?: (user: string, gid: number) => void }).initgroups?.(
    identity.name,
    identity.gid,
  );
  process.setgid?.(identity.gid);
  process.setuid?.(identity.uid);
}

/** A hook runs as the SlurmUser and as nobody else (reliability.md 4.1). Fault 3 otherwise. */
export function actAs(name: string): void {
  if (isUser(name)) {
    return;
  }
  if (process.geteuid?.() !== 0) {
    throw new Fault(`hooks run as ${name} (slurm.user) and not as uid ${process.geteuid?.()}`, {
      exitCode: EXIT.refused,
      advice: `sudo -u ${name} asbb hook …`,
    });
  }
  stepDown(name);
}
