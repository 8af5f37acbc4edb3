import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { loadSettings } from '../../src/adapters/config/load.ts';
import { OutsideNotifier } from '../../src/adapters/notify/outside-notifier.ts';
import { SystemClock } from '../../src/adapters/system/system-clock.ts';
import { deliverMessages } from '../../src/flows/steps/deliver-messages.ts';
import { type AlertSite, alertSite } from './support/alert-site.ts';
import { CA_FILE, type HttpReceiver, httpReceiver } from './support/receivers.ts';

const SECRET = 'planted-secret-5f3a';

let site: AlertSite;
let web: HttpReceiver;

beforeEach(async () => {
  site = await alertSite();
  web = await httpReceiver();
});
afterEach(async () => {
  await web.close();
  site.close();
});

function notify(more: object = {}): void {
  const url = `http://127.0.0.1:${web.port}/hook?x=1`;
  const secretFile = site.secret('webhook.key', `${SECRET}\n`);
  site.notify({
    min_severity: 'info',
    timeout: '20s',
    webhook: { url, secret_file: secretFile },
    ...more,
  });
}

async function trigger(): Promise<void> {
  await site.spend('85', 'a');
  await site.evaluate();
}

it('a signed POST, once; nothing for what is milder than wanted', async () => {
  notify({ min_severity: 'warning' });
  await trigger();
  expect(site.messages()).toEqual([]);
  expect(await site.deliver()).toBe('0: 0 sent, 0 to be tried again, 0 given up');
  notify();
  await site.spend('10', 'b'); // 95 %: graver
  await site.evaluate();
  expect(await site.deliver()).toBe('0: 1 sent, 0 to be tried again, 0 given up');
  expect(await site.deliver()).toBe('0: 0 sent, 0 to be tried again, 0 given up');
  const [request] = web.requests;
  expect(web.requests).toHaveLength(1);
  expect(request?.path).toBe('/hook?x=1');
  const { headers, body = '' } = request ?? {};
  const timestamp = String(headers?.['asbb-timestamp']);
  const signature = createHmac('sha256', SECRET).update(`${timestamp}.${body}`).digest('hex');
  expect(headers?.['asbb-signature']).toBe(`v1=${signature}`);
  expect(timestamp).toBe('1795262400');
  const [message] = site.messages();
  expect(headers?.['idempotency-key']).toBe(message?.message_key);
  expect(JSON.parse(body)).toEqual({
    account: 'ml-7',
    actual_value: '95',
    alert_id: 1,
    alert_type: 'budget_threshold',
    at: '2026-11-21T12:00:00.000Z',
    cluster: 'hpc1',
    event: 'escalated',
    grant: '',
    id: message?.message_key,
    message: 'Account ml-7 has used and held 95.0% of its budget',
    rule: 'utilization',
    severity: 'warning',
    threshold_value: '90',
    triggered_at: '2026-11-21T12:00:00.000Z',
  });
});

it.each([
  [{ status: 500 }, 'HTTP 500'],
  [{ status: 404 }, 'HTTP 404'],
  [
    { status: 302, headers: { location: 'http://127.0.0.1:9/' } },
    'HTTP 302; redirects are not followed',
  ],
  [{ status: 200, isSilent: true }, 'no answer within 300 ms'],
])('after %j it is tried again under the same key', async (answer, reason) => {
  notify('isSilent' in answer ? { timeout: '300ms' } : {});
  await trigger();
  web.answer(answer);
  expect(await site.deliver()).toBe('75: 0 sent, 1 to be tried again, 0 given up');
  expect(site.messages()).toMatchObject([{ state: 'waiting', attempts: 1n, error: reason }]);
  expect(await site.deliver()).toBe('0: 0 sent, 0 to be tried again, 0 given up'); // not due
  notify();
  site.forward(60);
  expect(await site.deliver()).toBe('0: 1 sent, 0 to be tried again, 0 given up');
  expect(site.messages()).toMatchObject([{ state: 'sent', attempts: 2n, error: '' }]);
  const keys = web.requests.map(({ headers }) => headers['idempotency-key']);
  expect(new Set(keys).size).toBe(1);
  const [first, second] = web.requests;
  expect(first?.body).toBe(second?.body);
  expect(first?.headers['asbb-signature']).not.toBe(second?.headers['asbb-signature']);
});

it('Retry-After is kept, an answer that cannot change ends it, and so does time', async () => {
  notify({ give_up_after: '3h' });
  await trigger();
  web.answer({ status: 503, headers: { 'retry-after': '1800' } });
  await site.deliver();
  site.forward(1799);
  expect(await site.deliver()).toMatch(/^0: 0 sent, 0/u);
  site.forward(1);
  web.answer({ status: 500 }, { status: 500 });
  await site.deliver();
  site.forward(3 * 3600);
  expect(await site.deliver()).toBe('75: 0 sent, 0 to be tried again, 1 given up');
  expect(site.messages()).toMatchObject([{ state: 'failed', attempts: 3n }]);
  await site.spend('10', 'b');
  await site.evaluate();
  web.answer({ status: 422 });
  expect(await site.deliver()).toBe('75: 0 sent, 0 to be tried again, 1 given up');
});

it('nobody is there: the channel is left alone until the next run', async () => {
  notify();
  await web.close();
  await trigger();
  expect(await site.deliver()).toBe('75: 0 sent, 1 to be tried again, 0 given up');
  expect(site.messages()[0]?.error).toContain('ECONNREFUSED');
  web = await httpReceiver();
});

it('SIGKILL after the request came and before it was recorded: the same message again, and only that', async () => {
  notify();
  await trigger();
  const child = site.start();
  web.onRequest(() => process.kill(child.pid, 'SIGKILL'));
  expect(await child.ended).toBe('SIGKILL');
  expect(web.requests).toHaveLength(1);
  expect(site.messages()).toMatchObject([{ state: 'sending', attempts: 1n }]);
  expect(await site.deliver()).toMatch(/^0: 0 sent/u); // claimed until its lease is over
  site.forward(51);
  expect(await site.deliver()).toBe('0: 1 sent, 0 to be tried again, 0 given up');
  site.forward(86_400);
  await site.deliver();
  expect(web.requests).toHaveLength(2);
  const [first, second] = web.requests;
  expect(second?.headers['idempotency-key']).toBe(first?.headers['idempotency-key']);
  expect(second?.body).toBe(first?.body);
  expect(site.messages()).toMatchObject([{ state: 'sent', attempts: 2n }]);
  expect((await site.asbb('ledger', 'verify')).code).toBe(0);
});

it('several at once send it once, each message', async () => {
  notify();
  await trigger();
  await site.spend('10', 'b');
  await site.evaluate();
  const settings = await loadSettings({
    environment: {},
    flag: site.config,
    workingDirectory: '/',
    isUser: () => true,
    version: undefined,
    isHook: false,
  });
  const clock = new SystemClock(settings.test_clock);
  const notifier = new OutsideNotifier(settings.notifications, undefined);
  const runs = Array.from({ length: 4 }, () =>
    deliverMessages({
      ledger: site.ledger(),
      notifier,
      clock,
      log: { write: () => undefined },
      settings,
    }),
  );
  const sent = (await Promise.all(runs)).map((each) => each.sent);
  expect(sent.reduce((a, b) => a + b, 0)).toBe(2);
  const keys = web.requests.map(({ headers }) => headers['idempotency-key']);
  expect(keys).toHaveLength(2);
  expect(new Set(keys).size).toBe(2);
});

it('TLS is verified, by our own authority where one is named', async () => {
  const secure = await httpReceiver(true);
  const url = `https://127.0.0.1:${secure.port}/`;
  const webhook = { url, secret_file: site.secret('webhook.key', SECRET) };
  site.notify({ min_severity: 'info', webhook });
  await trigger();
  const before = process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
  process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0';
  expect(await site.deliver()).toMatch(/^75: 0 sent, 1/u);
  process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = before ?? '';
  expect(secure.requests).toEqual([]);
  expect(site.messages()[0]?.error).toMatch(/UNABLE_TO_VERIFY|self.signed/u);
  site.notify({ min_severity: 'info', webhook, ca_file: CA_FILE });
  site.forward(60);
  expect(await site.deliver()).toMatch(/^0: 1 sent/u);
  expect(secure.requests).toHaveLength(1);
  await secure.close();
});

it('the Slack URL stands in a file that nobody else may read', async () => {
  const url = `http://127.0.0.1:${web.port}/services/T0/${SECRET}`;
  site.notify({ min_severity: 'info', slack: { url_file: site.secret('slack.url', url, 0o644) } });
  await trigger();
  expect(await site.deliver()).toMatch(/^75: 0 sent, 1/u);
  expect(site.messages()[0]?.error).toContain('can be read by others');
  site.notify({ min_severity: 'info', slack: { url_file: site.secret('slack2.url', `${url}\n`) } });
  site.forward(60);
  expect(await site.deliver()).toMatch(/^0: 1 sent/u);
  expect(web.requests).toMatchObject([{ path: `/services/T0/${SECRET}` }]);
  expect(JSON.parse(web.requests[0]?.body ?? '')).toEqual({
    text: '[asbb hpc1] info: Account ml-7 has used and held 85.0% of its budget',
  });
});

it('http is only for this machine, also where the URL stands in a file', async () => {
  const urlFile = site.secret('slack.url', 'http://hooks.example.com/services/T0');
  site.notify({ min_severity: 'info', slack: { url_file: urlFile } });
  await trigger();
  expect(await site.deliver()).toMatch(/^75: 0 sent, 1/u);
  expect(site.messages()[0]?.error).toContain('does not hold an https URL');
});

it('no secret reaches the ledger, the log or what is printed', async () => {
  notify();
  await trigger();
  web.answer({ status: 500 });
  const done = await site.asbb('maintain', '--only', 'deliver', '--verbose');
  const shown = await site.asbb('config', 'show');
  const ledger = readFileSync(`${site.root}/state/asbb.db`, 'latin1');
  const log = readFileSync(`${site.root}/state/asbb.log`, 'utf8');
  for (const text of [done.stdout, done.stderr, shown.stdout, ledger, log]) {
    expect(text).not.toContain(SECRET);
  }
  expect(log).toContain('alert_not_sent');
});
