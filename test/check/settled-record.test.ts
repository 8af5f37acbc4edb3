import { expect, it } from 'vitest';
import { nodeNames } from '../burst/support/site.ts';
import { startSettleSite } from '../settle/support/settle-site.ts';

interface Row {
  readonly source: string;
  readonly state: string;
  readonly actual_micro: bigint;
  readonly estimated_micro: bigint | null;
}

it('what instances cost stands beside what was estimated, once', async () => {
  const site = await startSettleSite();
  const job = await site.submit();
  const nodes = nodeNames('cpu', 1, 1);
  await site.allocate(job, nodes);
  await site.forward(60);
  site.accounted.register(nodes);
  await site.forward(500);
  await site.leave(job, nodes);
  await site.maintain();
  await site.maintain();
  const db = site.books.raw();
  const rows = db.prepare<[], Row>('SELECT * FROM reconciliation').all();
  const samples = db.prepare<[], { samples: bigint }>('SELECT samples FROM cost_model').all();
  db.close();
  expect(rows).toHaveLength(1);
  const [row] = rows;
  expect(row).toMatchObject({ source: 'epilog', state: 'COMPLETED' });
  expect(row?.actual_micro).toBe(site.booked().spent);
  // This site's holds are placed by hand: nobody estimated them, so there is nothing to learn.
  expect(row?.estimated_micro).toBeNull();
  expect(samples).toEqual([]);
});
