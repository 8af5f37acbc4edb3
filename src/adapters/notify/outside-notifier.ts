import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { endpointOf } from '../../core/alerts/addresses.ts';
import type { Delivery } from '../../core/alerts/deliver.ts';
import { signedText } from '../../core/alerts/message.ts';
import type { Settings } from '../../core/config/settings.ts';
import type { Notifier, Outgoing } from '../../ports/notify.ts';
import { failed, post } from './post.ts';
import { readSecret } from './secret-file.ts';

type Options = Settings['notifications'];

const HEADERS = {
  'Content-Type': 'application/json; charset=utf-8',
  'User-Agent': 'asbb',
};

/** Mail, Slack and the signed webhook, by the section `notifications`; secrets are read when needed. */
export class OutsideNotifier implements Notifier {
  readonly #options: Options;
  readonly #credentials: string | undefined;

  /** `credentials`: $CREDENTIALS_DIRECTORY, where systemd puts what a unit may know. */
  constructor(options: Options, credentials: string | undefined) {
    this.#options = options;
    this.#credentials = credentials;
  }

  async send(message: Outgoing): Promise<Delivery> {
    const ca = this.#authority();
    if (typeof ca === 'object') {
      return ca;
    }
    switch (message.channel) {
      case 'smtp':
        return await this.#mail(message, ca);
      case 'slack':
        return await this.#slack(message, ca);
      case 'webhook':
        return await this.#webhook(message, ca);
    }
  }

  #authority(): string | undefined | Delivery {
    const file = this.#options.ca_file;
    if (file === '') {
      return;
    }
    try {
      return readFileSync(file, 'utf8');
    } catch {
      return failed(`notifications.ca_file ${file} cannot be read`, { isUnreachable: true });
    }
  }

  async #mail(message: Outgoing, ca: string | undefined): Promise<Delivery> {
    const { smtp, timeout } = this.#options;
    if (smtp.host === '' || !smtp.to.includes(message.target)) {
      return failed('notifications.smtp.to does not name this address any more', { isFinal: true });
    }
    const secret = smtp.user === '' ? undefined : readSecret(smtp.password_file, this.#credentials);
    if (secret?.kind === 'problem') {
      return failed(secret.reason, { isUnreachable: true });
    }
    const { sendMail } = await import('./mail.ts'); // nodemailer: only where mail is sent
    const { key, target, subject, text, atS } = message;
    return await sendMail(
      { key, to: target, subject, text, atS },
      { smtp, password: secret?.text, timeoutMs: timeout, ca },
    );
  }

  async #slack({ key, document }: Outgoing, ca: string | undefined): Promise<Delivery> {
    const { slack, timeout } = this.#options;
    if (slack.url_file === '') {
      return failed('notifications.slack.url_file is not set any more', { isFinal: true });
    }
    const secret = readSecret(slack.url_file, this.#credentials);
    if (secret.kind === 'problem') {
      return failed(secret.reason, { isUnreachable: true });
    }
    const endpoint = endpointOf(secret.text);
    if (endpoint === undefined) {
      return failed(`${slack.url_file} does not hold an https URL`, { isUnreachable: true });
    }
    const headers = { ...HEADERS, 'Idempotency-Key': key };
    return await post({ endpoint, headers, body: document, timeoutMs: timeout, ca });
  }

  async #webhook({ key, document, atS }: Outgoing, ca: string | undefined): Promise<Delivery> {
    const { webhook, timeout } = this.#options;
    const endpoint = endpointOf(webhook.url);
    if (endpoint === undefined) {
      return failed('notifications.webhook.url is not set any more', { isFinal: true });
    }
    const secret = readSecret(webhook.secret_file, this.#credentials);
    if (secret.kind === 'problem') {
      return failed(secret.reason, { isUnreachable: true });
    }
    const signature = createHmac('sha256', secret.text)
      .update(signedText(atS, document))
      .digest('hex');
    const headers = {
      ...HEADERS,
      'Idempotency-Key': key,
      'Asbb-Timestamp': String(atS),
      'Asbb-Signature': `v1=${signature}`,
    };
    return await post({ endpoint, headers, body: document, timeoutMs: timeout, ca });
  }
}
