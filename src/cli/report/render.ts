import { closeSync, writeFileSync } from 'node:fs';
import { Fault, type Refused, refused } from '../../core/errors.ts';
import { type ReportDocument, REPORT_TYPES as TYPES } from '../../core/report/document.ts';
import { jsonText } from '../json-text.ts';
import { openOutput } from '../output-file.ts';
import { agencyText } from './agency.ts';
import { reportCsv } from './csv.ts';
import { reportJson } from './json.ts';
import { reportText } from './text.ts';

/** For the command, which knows nothing of core. */
export const REPORT_TYPES = TYPES;
export const REPORT_FORMATS = ['table', 'json', 'csv', 'pdf', 'agency-required'] as const;
export type ReportFormat = (typeof REPORT_FORMATS)[number];

const NO_LINES = 'only financial, annual and compliance reports have the lines of an SF-425';

/** The bytes of a report. `width` undefined: tables are not cut. VALIDATION_ERROR. */
export async function rendered(
  report: ReportDocument,
  format: ReportFormat,
  width: number | undefined,
): Promise<string | Uint8Array | Refused> {
  switch (format) {
    case 'table':
      return `${reportText(report, width)}\n`;
    case 'json':
      return `${jsonText(reportJson(report))}\n`;
    case 'csv':
      return reportCsv(report);
    case 'pdf': {
      const { reportPdf } = await import('./pdf.ts');
      return reportPdf(report);
    }
    case 'agency-required': {
      const text = agencyText(report);
      return text === undefined
        ? refused('VALIDATION_ERROR', NO_LINES, { advice: 'use --type financial' })
        : `${text}\n`;
    }
  }
}

/** Fault 1 when the file cannot be written. */
export function writeReport(file: string, bytes: string | Uint8Array): void {
  try {
    const fd = openOutput(file);
    try {
      writeFileSync(fd, bytes);
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Fault(`the report was not written: ${why}`, {
      advice: 'name a file in a folder that you may write to',
      cause: error,
    });
  }
}
