import { afterEach, beforeEach, expect, it } from 'vitest';
import { type AlertSite, alertSite } from './support/alert-site.ts';
import { CA_FILE, headerOf, type MailReceiver, mailReceiver } from './support/receivers.ts';

let site: AlertSite;
let server: MailReceiver;

beforeEach(async () => {
  site = await alertSite();
  server = await mailReceiver();
});
afterEach(async () => {
  await server.close();
  site.close();
});

function notify(smtp: object = {}, more: object = {}): void {
  const base = { host: '127.0.0.1', port: server.port, security: 'none' };
  const people = { from: 'asbb@hpc.example', to: ['ops@hpc.example', 'pi@hpc.example'] };
  site.notify({
    min_severity: 'info',
    timeout: '20s',
    smtp: { ...base, ...people, ...smtp },
    ...more,
  });
}

async function trigger(): Promise<void> {
  await site.spend('85', 'a');
  await site.evaluate();
}

it('a mail to each, with an id of its own', async () => {
  notify();
  await trigger();
  expect(await site.deliver()).toBe('0: 2 sent, 0 to be tried again, 0 given up');
  expect(server.mails.map(({ to }) => to)).toEqual([['ops@hpc.example'], ['pi@hpc.example']]);
  const [mail] = server.mails;
  const [message] = site.messages();
  expect(mail).toMatchObject({ from: 'asbb@hpc.example' });
  expect(mail && headerOf(mail, 'message-id')).toBe(`<${message?.message_key}@hpc.example>`);
  expect(mail && headerOf(mail, 'subject')).toBe(
    '[asbb hpc1] info: Account ml-7 has used and held 85.0% of its budget',
  );
  expect(mail && headerOf(mail, 'auto-submitted')).toBe('auto-generated');
  expect(mail && headerOf(mail, 'date')).toBe('Sat, 21 Nov 2026 12:00:00 +0000');
  expect(mail?.raw).toContain('asbb alerts acknowledge 1 --user NAME');
});

it('one refused address does not repeat the mail to the other', async () => {
  notify();
  await trigger();
  server.refuse('rcpt', 0, 450);
  expect(await site.deliver()).toBe('75: 1 sent, 1 to be tried again, 0 given up');
  site.forward(60);
  server.refuse('rcpt', 550);
  expect(await site.deliver()).toBe('75: 0 sent, 0 to be tried again, 1 given up');
  expect(server.mails).toHaveLength(1);
  expect(site.messages().map(({ state }) => state)).toEqual(['sent', 'failed']);
});

it('refused for now at DATA: the same Message-ID later', async () => {
  notify({ to: ['ops@hpc.example'] });
  await trigger();
  server.refuse('data', 451);
  expect(await site.deliver()).toMatch(/^75: 0 sent, 1/u);
  site.forward(60);
  expect(await site.deliver()).toMatch(/^0: 1 sent/u);
  const [message] = site.messages();
  expect(server.mails.map((mail) => headerOf(mail, 'message-id'))).toEqual([
    `<${message?.message_key}@hpc.example>`,
  ]);
});

it.each(['connect', 'data'] as const)(
  'SIGKILL at %s: nothing is lost, and a second copy has the same Message-ID',
  async (step) => {
    notify({ to: ['ops@hpc.example'] });
    await trigger();
    const child = site.start();
    server.onStep(step, () => process.kill(child.pid, 'SIGKILL'));
    expect(await child.ended).toBe('SIGKILL');
    expect(server.mails).toHaveLength(step === 'data' ? 1 : 0);
    expect(site.messages()).toMatchObject([{ state: 'sending', attempts: 1n }]);
    site.forward(51);
    expect(await site.deliver()).toBe('0: 1 sent, 0 to be tried again, 0 given up');
    const ids = server.mails.map((mail) => headerOf(mail, 'message-id'));
    expect(ids).toHaveLength(step === 'data' ? 2 : 1);
    expect(new Set(ids).size).toBe(1);
    expect(site.messages()).toMatchObject([{ state: 'sent' }]);
  },
);

it('STARTTLS with a certificate that nobody vouches for is refused, also without a password', async () => {
  notify({ security: 'starttls', to: ['ops@hpc.example'] });
  await trigger();
  expect(await site.deliver()).toMatch(/^75: 0 sent, 1/u);
  expect(server.mails).toEqual([]);
  expect(site.messages()[0]?.error).toMatch(/self.signed certificate|certificate/iu);
});

it('STARTTLS and login with a password from a file', async () => {
  const login = { user: 'asbb', password: 'planted-secret-77' };
  const trusted = await mailReceiver({ isTrusted: true, login });
  const passwordFile = site.secret('smtp.password', `${login.password}\n`);
  const smtp = {
    port: trusted.port,
    security: 'starttls',
    user: 'asbb',
    password_file: passwordFile,
  };
  notify({ ...smtp, to: ['ops@hpc.example'] }, { ca_file: CA_FILE });
  await trigger();
  expect(await site.deliver()).toMatch(/^0: 1 sent/u);
  expect(trusted.mails).toMatchObject([{ user: 'asbb', isSecure: true }]);
  const wrong = site.secret('smtp.wrong', 'something else');
  notify({ ...smtp, password_file: wrong, to: ['ops@hpc.example'] }, { ca_file: CA_FILE });
  await site.spend('10', 'b');
  await site.evaluate();
  expect(await site.deliver()).toMatch(/^75: 0 sent, 1/u);
  const messages = JSON.stringify(site.messages().map(({ error }) => error));
  expect(messages).not.toMatch(/something else|planted/u);
  await trusted.close();
});

it('a server that says nothing holds nothing up', async () => {
  notify({ to: ['ops@hpc.example'] }, { timeout: '300ms' });
  await trigger();
  const { createServer } = await import('node:net');
  const silent = createServer(() => undefined);
  await new Promise<void>((done) => silent.listen(0, '127.0.0.1', done));
  const address = silent.address();
  notify(
    { to: ['ops@hpc.example'], port: typeof address === 'object' ? address?.port : 0 },
    { timeout: '300ms' },
  );
  const child = site.start();
  expect(await child.ended).toBe('75');
  expect(site.messages()).toMatchObject([{ state: 'waiting', attempts: 1n }]);
  silent.close();
});

it('an address that is not wanted any more gets nothing', async () => {
  notify();
  await trigger();
  notify({ to: ['ops@hpc.example'] });
  expect(await site.deliver()).toBe('75: 1 sent, 0 to be tried again, 1 given up');
  expect(server.mails).toHaveLength(1);
});
