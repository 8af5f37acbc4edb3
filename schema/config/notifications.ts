import { isMailAddress, isSafeUrl, LOOPBACK_HOST } from '../../src/core/alerts/addresses.ts';
import { duration, flag, key, leaf, list, oneOf, section, text, whole } from './leaf.ts';

// Delivery of alerts [N]. No secret stands in this file: the password, the Slack URL (it is one) and
// the webhook's key are read from files of mode 0600, or from systemd's $CREDENTIALS_DIRECTORY.

const PORT_MAX = 65_535;
const FILE = 'absolute path of a file of mode 0600, or a name below $CREDENTIALS_DIRECTORY';

function address(problem: string): ReturnType<typeof leaf<string>> {
  return leaf(problem, (value) =>
    typeof value === 'string' && (value === '' || isMailAddress(value)) ? value : undefined,
  );
}

/** Absolute, or a plain name; '' where there is none. */
const SECRET_FILE = /^$|^\/|^[A-Za-z0-9][A-Za-z0-9_.-]{0,254}$/u;

function secretFile(): ReturnType<typeof text> {
  return text(`@ must be the ${FILE}`, SECRET_FILE);
}

const Smtp = section({
  host: key(
    text('@ must be the name of a mail server', /^[A-Za-z0-9.:-]{0,255}$/u),
    '',
    'no mail without it',
  ),
  port: key(whole(1, PORT_MAX), 587, '587 with starttls, 465 with tls'),
  security: key(
    oneOf(['starttls', 'tls', 'none']),
    'starttls',
    'certificates are checked; none only to this machine',
  ),
  from: key(address('@ must be a mail address'), '', 'sender'),
  to: key(list(address('@ must be a mail address')), [], 'each gets a mail of its own'),
  user: key(text(), '', 'no login without it'),
  password_file: key(secretFile(), '', FILE),
});

const Slack = section({
  url_file: key(secretFile(), '', `holds the incoming webhook's URL: ${FILE}`),
});

const Webhook = section({
  url: key(
    leaf('@ must be an https URL without user and password (http only to this machine)', (value) =>
      typeof value === 'string' && (value === '' || isSafeUrl(value)) ? value : undefined,
    ),
    '',
    'gets a signed POST',
  ),
  secret_file: key(secretFile(), '', `holds the key of the HMAC-SHA256: ${FILE}`),
});

export const Notifications = section({
  min_severity: key(
    oneOf(['info', 'warning', 'critical']),
    'warning',
    'milder alerts are only listed',
  ),
  resolved: key(flag(), false, 'tell also when an alert is over'),
  timeout: key(
    duration(100, 60_000, '@ must be a duration from 100ms to 1m'),
    '10s',
    'of one delivery',
  ),
  give_up_after: key(duration(), '72h', 'after this a message is not tried again'),
  ca_file: key(text(), '', 'PEM of a certificate authority of your own'),
  smtp: key(Smtp, {}, 'mail'),
  slack: key(Slack, {}, 'Slack or what takes the same, such as Mattermost'),
  webhook: key(Webhook, {}, 'anything else'),
}).superRefine(({ smtp, webhook }, context) => {
  function problem(path: readonly string[], message: string): void {
    context.addIssue({ code: 'custom', path: [...path], message });
  }
  if (smtp.host !== '' && (smtp.from === '' || smtp.to.length === 0 || smtp.to.includes(''))) {
    problem(['smtp', 'host'], 'notifications.smtp needs from and to');
  }
  if (smtp.security === 'none' && smtp.host !== '' && !LOOPBACK_HOST.test(smtp.host)) {
    problem(['smtp', 'security'], 'notifications.smtp.security can be none only to this machine');
  }
  if ((smtp.user === '') !== (smtp.password_file === '')) {
    problem(['smtp', 'user'], 'notifications.smtp.user and password_file belong together');
  }
  if (webhook.url !== '' && webhook.secret_file === '') {
    problem(['webhook', 'secret_file'], 'notifications.webhook.url needs a secret_file');
  }
});
