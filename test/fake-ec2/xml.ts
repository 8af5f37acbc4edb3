// XML of the EC2 query protocol: list members are <item>, an empty list or text is <x/>.

export type Xml =
  | string
  | number
  | boolean
  | readonly Xml[]
  | { readonly [name: string]: Xml | undefined };

const SPECIAL = /[&<>"'\r]/g;
// Characters that XML 1.0 cannot carry at all, lone surrogates included.
const FORBIDDEN =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the very characters to catch
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;
const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
  '\r': '&#xD;',
};

function escapeXml(text: string): string {
  return text.replace(FORBIDDEN, '\ufffd').replace(SPECIAL, (c) => ENTITIES[c] ?? c);
}

function element(name: string, value: Xml): string {
  const inner = content(value);
  return inner === '' ? `<${name}/>` : `<${name}>${inner}</${name}>`;
}

function content(value: Xml): string {
  if (typeof value === 'string') {
    return escapeXml(value);
  }
  if (typeof value === 'number' || typeof value === 'boolean') {
    return JSON.stringify(value);
  }
  if (Array.isArray(value)) {
    return value.map((item: Xml) => element('item', item)).join('');
  }
  let text = '';
  for (const [name, child] of Object.entries(value)) {
    if (child !== undefined) {
      text += name.endsWith('*') ? repeated(name.slice(0, -1), child) : element(name, child);
    }
  }
  return text;
}

/** `{ 'groupId*': ['a', 'b'] }`: a list whose members have a name of their own instead of <item>. */
function repeated(name: string, values: Xml): string {
  return Array.isArray(values) ? values.map((item: Xml) => element(name, item)).join('') : '';
}

export function responseXml(action: string, requestId: string, body: Xml): string {
  const head = `<${action}Response xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">`;
  return `<?xml version="1.0" encoding="UTF-8"?>\n${head}<requestId>${requestId}</requestId>${content(body)}</${action}Response>`;
}

/** STS has its own envelope: the result element and ResponseMetadata. */
export function stsXml(action: string, requestId: string, body: Xml): string {
  return `<${action}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/">${element(`${action}Result`, body)}<ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata></${action}Response>`;
}

export function errorXml(code: string, message: string, requestId: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<Response><Errors><Error><Code>${escapeXml(code)}</Code><Message>${escapeXml(message)}</Message></Error></Errors><RequestID>${requestId}</RequestID></Response>`;
}

/** STS and other older services answer errors in this form. */
export function stsErrorXml(code: string, message: string, requestId: string): string {
  return `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>${escapeXml(code)}</Code><Message>${escapeXml(message)}</Message></Error><RequestId>${requestId}</RequestId></ErrorResponse>`;
}
