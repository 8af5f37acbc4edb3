import { createTransport } from 'nodemailer';
import type { Delivery } from '../../core/alerts/deliver.ts';
import type { Settings } from '../../core/config/settings.ts';
import { failed } from './post.ts';

export interface Mail {
  readonly key: string;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly atS: number;
}

export interface MailOptions {
  readonly smtp: Settings['notifications']['smtp'];
  readonly password: string | undefined;
  readonly timeoutMs: number;
  readonly ca: string | undefined;
}

/** The greeting name and the right part of Message-ID: the sender's domain. */
function domainOf(address: string): string {
  return address.slice(address.lastIndexOf('@') + 1);
}

function transportOf({
  smtp,
  password,
  timeoutMs,
  ca,
}: MailOptions): ReturnType<typeof createTransport> {
  return createTransport({
    host: smtp.host,
    port: smtp.port,
    secure: smtp.security === 'tls',
    requireTLS: smtp.security === 'starttls',
    ignoreTLS: smtp.security === 'none',
    ...(password !== undefined && { auth: { user: smtp.user, pass: password } }),
    tls: { rejectUnauthorized: true, minVersion: 'TLSv1.2', ...(ca !== undefined && { ca }) },
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    dnsTimeout: timeoutMs,
    socketCloseTimeout: SOCKET_CLOSE_MS,
    name: domainOf(smtp.from),
    pool: false,
    logger: false,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
}

/** What nodemailer tells of a failure. */
interface SmtpError extends Error {
  readonly code?: string;
  readonly responseCode?: number;
  readonly command?: string;
}

/** After the end of a connection: a server that does not close holds nothing up. */
const SOCKET_CLOSE_MS = 500;
const PERMANENT = 500;
/** Commands about this message: a permanent no to one of them stays one. */
const OF_MESSAGE: ReadonlySet<string> = new Set(['RCPT TO', 'DATA', 'MAIL FROM']);
const UNREACHABLE: ReadonlySet<string> = new Set([
  ...['ECONNECTION', 'ESOCKET', 'ETIMEDOUT', 'EDNS', 'ETLS', 'EAUTH', 'ECONNREFUSED'],
]);

function deliveryOf(error: SmtpError): Delivery {
  const { code = '', responseCode = 0, command = '' } = error;
  const isFinal = responseCode >= PERMANENT && OF_MESSAGE.has(command);
  return failed(`SMTP ${code}: ${error.message}`, {
    isFinal,
    isUnreachable: UNREACHABLE.has(code),
  });
}

/** Hands one mail over to the server; sent means that the server has taken it. Ends in time. */
export async function sendMail(mail: Mail, options: MailOptions): Promise<Delivery> {
  const transport = transportOf(options);
  const { smtp, timeoutMs } = options;
  const deadline = AbortSignal.timeout(timeoutMs);
  try {
    const delivery = await handOver(transport, mail, { from: smtp.from, deadline });
    return delivery.kind === 'failed' && deadline.aborted
      ? failed(`no answer within ${timeoutMs} ms`, { isUnreachable: true })
      : delivery;
  } finally {
    transport.close();
  }
}

async function handOver(
  transport: ReturnType<typeof createTransport>,
  { key, to, subject, text, atS }: Mail,
  { from, deadline }: { readonly from: string; readonly deadline: AbortSignal },
): Promise<Delivery> {
  try {
    await transport.sendMail({
      // The envelope is ours: no header may add a recipient.
      envelope: { from, to: [to] },
      from: { name: '', address: from },
      to: { name: '', address: to },
      subject,
      text,
      signal: deadline,
      date: new Date(atS * 1000),
      messageId: `<${key}@${domainOf(from)}>`,
      headers: { 'Auto-Submitted': 'auto-generated', 'X-Asbb-Key': key },
      disableFileAccess: true,
      disableUrlAccess: true,
    });
    return { kind: 'sent' };
  } catch (error) {
    // nodemailer rejects with its own errors, and with nothing else.
    return deliveryOf(error as SmtpError);
  }
}
