import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { cliSite } from '../support/cli.ts';

const NOBODY = 65_534;

// reliability.md 4.1: who can read the file is an auditor, who may change it the SlurmUser or root.
it('an auditor verifies sums and may not make them anew', {
  skip: process.geteuid?.() !== 0,
}, async () => {
  const site = await cliSite();
  try {
    chmodSync(site.root, 0o755);
    chmodSync(site.config, 0o644);
    chmodSync(join(site.root, 'clock'), 0o644);
    expect(await site.ok('account', 'verify', '--repair')).toContain('Every sum is right.');
    process.seteuid?.(NOBODY);
    const refused = await site.asbb('account', 'verify', '--repair');
    expect([refused.code, refused.stderr]).toEqual([3, expect.stringContaining('FORBIDDEN')]);
  } finally {
    process.seteuid?.(0);
    site.close();
  }
});
