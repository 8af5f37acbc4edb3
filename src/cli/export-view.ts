import type { BurstExport } from '../../schema/output/burst-export.ts';
import type { Exported } from '../flows/burst-export.ts';

/** What the file holds: JSON as people read it, or one line. */
export function exportText(document: Exported['document']): string {
  return typeof document === 'string' ? `${document}\n` : `${JSON.stringify(document, null, 2)}\n`;
}

export function exportJson(
  format: string,
  file: string | undefined,
  document: Exported['document'],
): BurstExport {
  return { format, ...(file === undefined ? {} : { file }), document };
}
