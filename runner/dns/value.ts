// What records say, as text: the same for what came and for what a check expects.

/** A record's data as dig +short shows it, names in lower case without the last dot. */
export function recordValue(type: string, data: unknown): string {
  return normalized(type, written(type, data));
}

/** What a person wrote, in the one spelling by which values are compared. */
export function normalized(type: string, text: string): string {
  if (type === 'TXT' || type === 'SPF') return unquoted(text);
  const words = text.trim().split(/\s+/).map(unquoted);
  if (type === 'CAA')
    return words.map((word, i) => (i === 2 ? word : word.toLowerCase())).join(' ');
  if (CASE_MATTERS.has(type)) return words.join(' ');
  return words.map((word) => plainName(word.toLowerCase())).join(' ');
}

/** Base64 in it. */
const CASE_MATTERS = new Set(['DNSKEY', 'CDNSKEY', 'NAPTR']);

function written(type: string, data: unknown): string {
  if (typeof data === 'string') return data;
  if (Buffer.isBuffer(data)) return type === 'TXT' ? data.toString('utf8') : data.toString('hex');
  if (Array.isArray(data)) return data.map((part) => String(part)).join('');
  if (typeof data !== 'object' || data === null) return '';
  const fields = data as Record<string, unknown>;
  const order = ORDER[type] ?? Object.keys(fields);
  return order.map((name) => shown(type, fields[name])).join(' ');
}

/** The fields of dns-packet in the order of the record. */
const ORDER: Record<string, string[]> = {
  MX: ['preference', 'exchange'],
  SOA: ['mname', 'rname', 'serial', 'refresh', 'retry', 'expire', 'minimum'],
  SRV: ['priority', 'weight', 'port', 'target'],
  CAA: ['flags', 'tag', 'value'],
  TLSA: ['usage', 'selector', 'matchingType', 'certificate'],
  DS: ['keyTag', 'algorithm', 'digestType', 'digest'],
  DNSKEY: ['flags', 'protocol', 'algorithm', 'key'],
  SSHFP: ['algorithm', 'hash', 'fingerprint'],
  NAPTR: ['order', 'preference', 'flags', 'services', 'regexp', 'replacement'],
  HINFO: ['cpu', 'os'],
  RP: ['mbox', 'txt'],
};

function shown(type: string, value: unknown): string {
  if (Buffer.isBuffer(value)) return value.toString(CASE_MATTERS.has(type) ? 'base64' : 'hex');
  // The protocol of a DNSKEY is always 3, and dns-packet keeps it to itself.
  if (value === undefined) return type === 'DNSKEY' ? '3' : '0';
  return String(value);
}

function unquoted(text: string): string {
  const inside = /^"(.*)"$/s.exec(text.trim())?.[1];
  // dig shows a long text as several strings side by side.
  return inside === undefined ? text.trim() : inside.replaceAll(/"\s+"/g, '');
}

function plainName(word: string): string {
  if (/^[0-9a-f:]*:[0-9a-f:.]*$/.test(word)) return shortest(word);
  return word.length > 1 ? word.replace(/\.$/, '') : word;
}

/** The canonical spelling of an IPv6 address. */
function shortest(address: string): string {
  try {
    return new URL(`http://[${address}]/`).hostname.slice(1, -1);
  } catch {
    return address;
  }
}
