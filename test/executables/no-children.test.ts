import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { NO_VAL, updated } from '../submit/hot-site.ts';
import {
  EXECUTABLES,
  readySite,
  type Site,
  untilDecided,
  writeRequest,
} from '../support/executables.ts';
import { mayTrace } from '../support/programs.ts';
import { submitRequest } from '../support/submit-request.ts';

// burst.md SL-8: slurmctld waits for these two under its job lock, so a scontrol of theirs would wait for
// ever. Seen by strace: what they start and connect to, whatever the runtime calls it.

const WATCHED = 'trace=execve,execveat,fork,vfork,clone,clone3,socket,connect';

function traced(site: Site, executable: string, verb: string, request: Record<string, unknown>) {
  const file = join(site.root, 'trace');
  const answer = untilDecided(() => {
    const words = [executable, 'hook', verb, writeRequest(site.state, request)];
    const strace = ['-f', '-qq', '-o', file, '-e', WATCHED, ...words];
    return spawnSync('strace', strace, { env: site.env, cwd: '/', encoding: 'utf8' });
  });
  // A thread is no process, and a call cut in two is told of when it goes on.
  const calls = readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !/CLONE_THREAD|resumed>|^\d+ +(?:\+\+\+|---)/u.test(line))
    .map((line) => line.replace(/^\d+ +/u, '').replace(/\(.*$/u, ''));
  return { status: answer.status, stdout: answer.stdout, calls };
}

describe.runIf(mayTrace()).each(EXECUTABLES)(
  'SL-8: %s starts no program, opens no socket',
  (by) => {
    it('for a submission and for an update of its job', () => {
      const site = readySite(by);
      const submitted = traced(site, by, 'submit', submitRequest(1));
      expect(submitted).toEqual({
        status: 0,
        stdout: expect.stringMatching(/^asbb1 ok [0-9a-z]{26}\n$/u),
        calls: ['execve'], // strace's own, of the hook
      });
      const [, token] = /ok (\S+)/u.exec(submitted.stdout) ?? [];
      const job = { admin_comment: `asbb:hold=${token}`, job_id: 7 };
      const longer = { ...updated(job, { time_limit: 120 }), cluster: 'demo', shared: NO_VAL };
      expect(traced(site, by, 'modify', longer)).toEqual({
        status: 0,
        stdout: 'asbb1 ok -\n',
        calls: ['execve'],
      });
    });

    it('for one that it refuses, and for one that it cannot read', () => {
      const site = readySite(by);
      const dear = traced(site, by, 'submit', { ...submitRequest(32), time_limit: 2880 });
      expect(dear).toMatchObject({ status: 10, calls: ['execve'] });
      const garbled = traced(site, by, 'submit', { v: 9 });
      expect(garbled.calls).toEqual(['execve']);
    });
  },
);
