import type { AlertRow, DeadlineRow, MessageRow } from './rows.ts';

/** Parts of a query and a view, and the changes, that concern alerts. */
export interface AlertSelector {
  readonly ids?: readonly number[];
  /** Every alert whose condition was not seen gone. */
  readonly standing?: boolean;
  /** Messages to send: waiting ones that are due, and ones whose lease is over, at this moment. */
  readonly messagesDueUs?: number;
  readonly messageIds?: readonly number[];
  /** Messages not sent yet of the alerts found. */
  readonly openMessages?: boolean;
  readonly deadlineIds?: readonly number[];
  /** Deadlines that were not removed, on this day. */
  readonly deadlinesOn?: number;
}

export interface AlertsView {
  /** By id. */
  readonly alerts: readonly AlertRow[];
  /** Oldest first. */
  readonly messages: readonly MessageRow[];
  readonly deadlines: readonly DeadlineRow[];
  readonly next: {
    readonly alertId: number;
    readonly messageId: number;
    readonly deadlineId: number;
  };
}

export type AlertChange =
  | { readonly change: 'putAlert'; readonly row: AlertRow }
  | { readonly change: 'putMessage'; readonly row: MessageRow }
  | { readonly change: 'putDeadline'; readonly row: DeadlineRow };
