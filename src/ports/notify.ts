import type { Delivery } from '../core/alerts/deliver.ts';
import type { Channel } from '../core/alerts/rows.ts';

/** One message, ready to go. */
export interface Outgoing {
  /** The same with every attempt: Message-ID of a mail, Idempotency-Key of a request. */
  readonly key: string;
  readonly channel: Channel;
  /** Of smtp the address, else ''. */
  readonly target: string;
  /** One line without control characters. */
  readonly subject: string;
  /** Of a mail. */
  readonly text: string;
  /** JSON text: the body of a request. */
  readonly document: string;
  /** Epoch seconds of this attempt: what is signed, and the Date of a mail. */
  readonly atS: number;
}

/** Sends alerts to people and programs. Never throws for what a receiver does; ends in time. */
export interface Notifier {
  send(message: Outgoing): Promise<Delivery>;
}
