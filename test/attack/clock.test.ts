import { afterEach, beforeEach, expect, it } from 'vitest';
import { type AlertSite, alertSite } from '../alerts/support/alert-site.ts';
import { type HttpReceiver, httpReceiver } from '../alerts/support/receivers.ts';

// A clock that jumps ahead and is set right again must not silence anybody (reliability.md R9).

const DAY = 86_400;
const JUMP = 30 * DAY;

let site: AlertSite;
let web: HttpReceiver;

beforeEach(async () => {
  site = await alertSite();
  web = await httpReceiver();
  const url = `http://127.0.0.1:${web.port}/hook`;
  const secretFile = site.secret('webhook.key', 'planted-secret-5f3a\n');
  const webhook = { url, secret_file: secretFile };
  site.notify({ min_severity: 'info', timeout: '20s', webhook });
});
afterEach(async () => {
  await web.close();
  site.close();
});

it('a message that failed while the clock was ahead is sent when it is right again', async () => {
  await site.spend('85', 'a');
  site.forward(JUMP);
  await site.evaluate();
  web.answer({ status: 500 });
  expect(await site.deliver()).toMatch(/1 to be tried again/u);
  site.forward(-JUMP);
  expect(await site.deliver()).toMatch(/[1-9] sent, 0 to be tried again/u);
  expect(site.messages().map(({ state }) => state)).toEqual(site.messages().map(() => 'sent'));
});

it('one that was claimed while the clock was ahead is nobody’s when it is right again', async () => {
  await site.spend('85', 'a');
  site.forward(JUMP);
  await site.evaluate();
  const child = site.start();
  web.onRequest(() => process.kill(child.pid, 'SIGKILL'));
  expect(await child.ended).toBe('SIGKILL');
  site.forward(-JUMP);
  expect(await site.deliver()).toMatch(/[1-9] sent, 0 to be tried again/u);
  const keys = web.requests.map(({ headers }) => headers['idempotency-key']);
  expect(new Set(keys).size).toBe(site.messages().length);
});

it('alerts are evaluated, once, whatever the clock has been', async () => {
  await site.spend('85', 'a');
  for (const jump of [JUMP, -JUMP, DAY, -DAY]) {
    site.forward(jump);
    await site.evaluate();
  }
  await site.ok('ledger', 'verify');
  const open = site.raw(
    "SELECT type, rule, COUNT(*) n FROM alert WHERE type='budget_threshold' GROUP BY type, rule",
  );
  expect(open).toEqual([{ type: 'budget_threshold', rule: 'utilization', n: 1n }]);
});
