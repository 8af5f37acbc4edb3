// Which process is at the other end of a loopback connection: /proc/net/tcp names the socket's inode,
// /proc/<pid>/fd its owner.
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

const PID = /^\d+$/;
const SPACES = /\s+/;

/** 0 when it cannot be found (other user, other machine, already gone). */
export function clientPid(clientPort: number, serverPort: number): number {
  const inode = inodeOf(clientPort, serverPort);
  if (inode === undefined) {
    return 0;
  }
  const wanted = `socket:[${inode}]`;
  // Hooks are young processes: the newest first.
  const pids = readdirSync('/proc')
    .filter((name) => PID.test(name))
    .map(Number)
    .sort((a, b) => b - a);
  return pids.find((pid) => holds(pid, wanted)) ?? 0;
}

function inodeOf(clientPort: number, serverPort: number): string | undefined {
  for (const table of ['/proc/net/tcp', '/proc/net/tcp6']) {
    for (const line of readLines(table)) {
      const [, local = '', remote = '', , , , , , , inode] = line.trim().split(SPACES).slice(0, 10);
      if (local.endsWith(hex(clientPort)) && remote.endsWith(hex(serverPort)) && inode !== '0') {
        return inode;
      }
    }
  }
  return undefined;
}

function hex(port: number): string {
  return `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
}

function readLines(path: string): readonly string[] {
  try {
    return readFileSync(path, 'utf8').split('\n').slice(1);
  } catch {
    return [];
  }
}

function holds(pid: number, wanted: string): boolean {
  try {
    return readdirSync(`/proc/${pid}/fd`).some((fd) => target(`/proc/${pid}/fd/${fd}`) === wanted);
  } catch {
    return false;
  }
}

function target(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}
