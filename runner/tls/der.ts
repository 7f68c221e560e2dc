// Just enough of DER (X.690) to walk through what authorities sign.

export interface Element {
  tag: number;
  /** The content alone. */
  value: Buffer;
  /** Tag and length with it, as it was signed. */
  whole: Buffer;
}

export const TAG = {
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  enumerated: 0x0a,
  sequence: 0x30,
} as const;

/** A context-specific tag, as `[n]` in ASN.1. */
export const context = (n: number, constructed = true): number => (constructed ? 0xa0 : 0x80) | n;

/** The elements that lie in `bytes` one after the other. Throws a RangeError on what is no DER. */
export function elements(bytes: Buffer): Element[] {
  const found: Element[] = [];
  for (let at = 0; at < bytes.length; ) {
    const [start, length] = lengthAt(bytes, at + 1);
    const end = start + length;
    if (end > bytes.length) throw new RangeError('a length reaches beyond the end');
    found.push({
      tag: bytes[at] as number,
      value: bytes.subarray(start, end),
      whole: bytes.subarray(at, end),
    });
    at = end;
  }
  return found;
}

/** What is in a constructed element of that tag. */
export function inside(element: Element | undefined, tag: number): Element[] {
  return elements(contentOf(element, tag));
}

export function contentOf(element: Element | undefined, tag: number): Buffer {
  if (element?.tag !== tag) throw new RangeError(`no element of tag 0x${tag.toString(16)}`);
  return element.value;
}

/** "1.2.840.113549.1.1.11" */
export function oid(value: Buffer): string {
  const arcs: number[] = [];
  let arc = 0;
  for (const byte of value) {
    arc = arc * 128 + (byte & 0x7f);
    if (byte & 0x80) continue;
    arcs.push(arc);
    arc = 0;
  }
  const [first = 0, ...rest] = arcs;
  const top = Math.min(2, Math.floor(first / 40));
  return [top, first - top * 40, ...rest].join('.');
}

/** Epoch ms of a GeneralizedTime, "20261128161200Z"; NaN when it is none. */
export function time(value: Buffer): number {
  const text = value.toString('latin1');
  const match = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(text);
  if (!match) return Number.NaN;
  const [, year, month, day, hour, minute, second] = match.map(Number) as [number, ...number[]];
  return Date.UTC(year ?? 0, (month ?? 1) - 1, day, hour, minute, second);
}

function lengthAt(bytes: Buffer, at: number): [start: number, length: number] {
  const first = bytes[at];
  if (first === undefined) throw new RangeError('a length is missing');
  if (first < 0x80) return [at + 1, first];
  const count = first & 0x7f;
  if (count === 0 || count > 4) throw new RangeError('a length is not DER');
  return [at + 1 + count, bytes.readUIntBE(at + 1, count)];
}
