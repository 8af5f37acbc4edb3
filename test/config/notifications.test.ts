import { expect, it } from 'vitest';
import { readConfig } from '../../src/adapters/config/read-config.ts';
import { shownValues } from '../../src/adapters/config/show.ts';

function read(section: string, environment: Readonly<Record<string, string>> = {}) {
  return readConfig(`notifications: ${section}\n`, 'config.yaml', environment);
}

it.each([
  '{}',
  '{ smtp: { host: mail.example.com, from: a@example.com, to: [b@example.com] } }',
  '{ smtp: { host: localhost, security: none, from: a@example.com, to: [b@example.com] } }',
  '{ slack: { url_file: slack.url } }',
  '{ webhook: { url: "https://example.com/x", secret_file: /etc/asbb/key } }',
  '{ webhook: { url: "http://127.0.0.1:8080/x", secret_file: key } }',
])('%s loads', (section) => {
  expect(read(section).problems).toEqual([]);
});

it.each([
  ['{ min_severity: grave }', 'notifications.min_severity must be one of'],
  ['{ timeout: 0s }', 'notifications.timeout must be a duration from 100ms to 1m'],
  ['{ smtp: { host: mail.example.com } }', 'notifications.smtp needs from and to'],
  ['{ smtp: { host: "a b" } }', 'must be the name of a mail server'],
  ['{ smtp: { from: "Ada <a@example.com>" } }', 'notifications.smtp.from must be a mail address'],
  ['{ smtp: { to: ["a@example.com\\r\\nBcc: b@example.com"] } }', 'must be a mail address'],
  [
    '{ smtp: { host: mail.example.com, security: none, from: a@b.example, to: [a@b.example] } }',
    'notifications.smtp.security can be none only to this machine',
  ],
  ['{ smtp: { user: asbb } }', 'notifications.smtp.user and password_file belong together'],
  ['{ smtp: { password: hunter2 } }', 'unknown key'],
  ['{ webhook: { url: "http://example.com/", secret_file: /k } }', 'must be an https URL'],
  ['{ webhook: { url: "https://u:p@example.com/", secret_file: /k } }', 'must be an https URL'],
  ['{ webhook: { url: "https://example.com/" } }', 'notifications.webhook.url needs a secret_file'],
  ['{ webhook: { secret_file: ../key } }', 'absolute path of a file of mode 0600'],
])('%s: %s', (section, message) => {
  const { settings, problems } = read(section);
  expect(settings).toBeUndefined();
  expect(problems.map((problem) => problem.message).join()).toContain(message);
});

it('every key can be set by a variable, and config show has no secret to hide', () => {
  const found = read('{}', {
    ASBB_NOTIFICATIONS_SMTP_HOST: 'mail.example.com',
    ASBB_NOTIFICATIONS_SMTP_FROM: 'a@example.com',
    ASBB_NOTIFICATIONS_SMTP_TO: 'b@example.com, c@example.com',
  });
  expect(found.settings?.notifications.smtp).toMatchObject({
    host: 'mail.example.com',
    to: ['b@example.com', 'c@example.com'],
    security: 'starttls',
  });
  const shown = found.settings === undefined ? [] : shownValues(found, found.settings);
  const keys = shown.filter(({ key }) => key.startsWith('notifications.')).map(({ key }) => key);
  expect(keys).toContain('notifications.smtp.password_file');
  expect(keys.filter((key) => /password$|secret$/u.test(key))).toEqual([]);
});
