import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { Fault, type Refused, refused } from '../../core/errors.ts';
import type { Export, ExportedTxn } from '../../flows/transactions-export.ts';
import { openOutput } from '../output-file.ts';
import { collectGarbage } from './collect-garbage.ts';
import { FOCUS_HEAD, focusRow } from './focus.ts';
import { HLEDGER_HEAD, hledgerEntry } from './hledger.ts';
import { CSV_HEAD, csvRow, jsonLine } from './rows.ts';

const ROWS_PER_COLLECTION = 500;

export const EXPORT_FORMATS = ['csv', 'jsonl', 'hledger', 'focus'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

export interface ExportHow {
  readonly format: ExportFormat;
  readonly cluster: string;
}

interface Chunk {
  readonly text: string;
  readonly count: number;
}

const HEADS: Readonly<Record<ExportFormat, string>> = {
  csv: CSV_HEAD,
  jsonl: '',
  hledger: HLEDGER_HEAD,
  focus: FOCUS_HEAD,
};

/** The lines of one transaction. */
function linesOf(
  { txn, rows }: ExportedTxn,
  how: ExportHow,
  grants: Export['grantNumbers'],
): readonly string[] {
  switch (how.format) {
    case 'csv':
      return rows.map(csvRow);
    case 'jsonl':
      return rows.map(jsonLine);
    case 'hledger':
      return [hledgerEntry(txn, grants)];
    case 'focus':
      return rows.map((row) => focusRow(txn, row, how.cluster));
  }
}

async function* chunks(made: Export, how: ExportHow): AsyncGenerator<Chunk> {
  for await (const batch of made.batches) {
    const lines = batch.flatMap((each) => linesOf(each, how, made.grantNumbers));
    yield { text: lines.join(''), count: lines.length };
  }
}

/** What writing needs of a stream. */
type Out = NodeJS.WritableStream;

async function put(out: Out, text: string): Promise<void> {
  if (text !== '' && !out.write(text)) {
    await once(out, 'drain');
  }
}

/** Writes an export as it is read; the number of rows, or of transactions for hledger. */
export async function pour(made: Export, how: ExportHow, out: Out): Promise<number> {
  let count = 0;
  await put(out, HEADS[how.format]);
  let rows = 0;
  for await (const chunk of chunks(made, how)) {
    await put(out, chunk.text);
    count += chunk.count;
    rows += chunk.count;
    if (rows >= ROWS_PER_COLLECTION) {
      rows = 0;
      await collectGarbage();
    }
  }
  return count;
}

function notWritten(error: unknown): Fault {
  return new Fault(`the export was not written: ${String(error)}`, {
    advice: 'name a file in a folder that you may write to',
    cause: error,
  });
}

function opened(file: string): number {
  try {
    return openOutput(file);
  } catch (error) {
    throw notWritten(error);
  }
}

/** The same into a file; Fault 1 when it cannot be written. */
export async function pourInto(
  file: string,
  write: (out: Out) => Promise<number>,
): Promise<number> {
  const out = createWriteStream(file, { fd: opened(file) });
  const failed = once(out, 'error').then(([error]) => {
    throw notWritten(error);
  });
  const written = write(out).then(async (count) => {
    out.end();
    await once(out, 'finish');
    return count;
  });
  return await Promise.race([written, failed]);
}

export const JSON_NEEDS_FILE: Refused = refused(
  'VALIDATION_ERROR',
  '--json says what was written to a file: give --output',
  { advice: 'or use --format jsonl', fields: { field: 'output' } },
);
