// All views of one runner in one shard as one row: 12 bytes a check by position, and a JSON tail for the few that
// are not plainly good. 1,000 checks that are up take 12,004 bytes.
//
//   u8 version (1) · u8 0 · u16 count · count × record · tail as UTF-8 JSON {position: [...]}
//   record: u16 level (10 bits, 0 = unconfirmed) + flags (blind, seen good, present) · u16 rev · u32 at (ms after base, +1; 0 = no view)
//           u16 rtt (log16) · u16 freshForMs (span16)
import { statusOf } from '../level.ts';
import { shortened } from '../text.ts';
import type { Run, View } from '../view.ts';
import { fromLog16, fromSpan16, toLog16, toSpan16 } from './log16.ts';

const VERSION = 1;
const HEADER = 4;
const RECORD = 12;
const BLIND = 1 << 10;
const SEEN_GOOD = 1 << 11;
const PRESENT = 1 << 15;
const DOWN_FROM = 300;
/** How long the start of a good status is kept exactly; later it is LONG_AGO, which is all that judging needs. */
const SINCE_KEPT_MS = 600_000;
const LONG_AGO = 0;
const MAX_TEXT = 120;

type Tail = [
  sinceAt: number | null,
  rttAt: number,
  badSinceAt: number | null,
  lastGoodAt: number | null,
  run:
    | [worse: 0 | 1, count: number, level: number, startedAt: number, code: string, text: string]
    | null,
  code: string,
  text: string,
  unable?: [code: string, text: string],
];

export class ViewRow {
  #bytes: Uint8Array;
  #data: DataView;
  #count: number;
  readonly #baseAt: number;
  readonly #tail: Map<number, Tail>;

  private constructor(bytes: Uint8Array, count: number, baseAt: number, tail: Map<number, Tail>) {
    this.#bytes = bytes;
    this.#data = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#count = count;
    this.#baseAt = baseAt;
    this.#tail = tail;
  }

  /** `baseAt`: epoch ms no view is older than; kept beside the row. */
  static empty(baseAt: number): ViewRow {
    return new ViewRow(new Uint8Array(0), 0, baseAt, new Map());
  }

  /** Throws on a body that is not one of ours. */
  static parse(body: Uint8Array, baseAt: number): ViewRow {
    if (body.byteLength === 0) return ViewRow.empty(baseAt);
    const data = new DataView(body.buffer, body.byteOffset, body.byteLength);
    if (body.byteLength < HEADER || data.getUint8(0) !== VERSION)
      throw new Error('view row: bad header');
    const count = data.getUint16(2);
    const end = HEADER + count * RECORD;
    if (body.byteLength < end) throw new Error('view row: cut short');
    const json = new TextDecoder().decode(body.subarray(end));
    const tail = new Map<number, Tail>();
    if (json !== '') {
      for (const [key, entry] of Object.entries(JSON.parse(json) as Record<string, Tail>)) {
        tail.set(Number(key), entry);
      }
    }
    return new ViewRow(body.slice(HEADER, end), count, baseAt, tail);
  }

  get count(): number {
    return this.#count;
  }

  get baseAt(): number {
    return this.#baseAt;
  }

  /** How many checks are called down. */
  countDown(): number {
    let down = 0;
    for (let offset = 0; offset < this.#count * RECORD; offset += RECORD) {
      if ((this.#data.getUint16(offset) & 0x3ff) >= DOWN_FROM) down++;
    }
    return down;
  }

  get(position: number): View | null {
    if (position >= this.#count) return null;
    const offset = position * RECORD;
    const stamp = this.#data.getUint32(offset + 4);
    const head = this.#data.getUint16(offset);
    if (stamp === 0 && head === 0) return null;
    const at = stamp === 0 ? 0 : this.#baseAt + stamp - 1;
    const level = head & 0x3ff;
    const tail = this.#tail.get(position);
    const view: View = {
      rev: this.#data.getUint16(offset + 2),
      level: level === 0 ? null : level,
      sinceAt: level === 0 ? null : LONG_AGO,
      at,
      freshForMs: fromSpan16(this.#data.getUint16(offset + 10)),
      rttUs: fromLog16(this.#data.getUint16(offset + 8)),
      rttAt: at,
      badSinceAt: null,
      lastGoodAt: level === 0 ? null : at,
      seenGood: (head & SEEN_GOOD) !== 0,
      run: null,
      blind: (head & BLIND) !== 0,
      unable: null,
      code: 'ok',
      text: '',
    };
    if (tail) {
      [view.sinceAt, view.rttAt, view.badSinceAt, view.lastGoodAt] = tail;
      view.run = runOf(tail[4]);
      view.code = tail[5];
      view.text = tail[6];
      if (tail[7]) view.unable = { code: tail[7][0], text: tail[7][1] };
    }
    return view;
  }

  set(position: number, view: View | null): void {
    this.#grow(position + 1);
    const offset = position * RECORD;
    this.#tail.delete(position);
    if (view === null) {
      this.#bytes.fill(0, offset, offset + RECORD);
      return;
    }
    const flags = PRESENT | (view.blind ? BLIND : 0) | (view.seenGood ? SEEN_GOOD : 0);
    this.#data.setUint16(offset, (view.level ?? 0) | flags);
    this.#data.setUint16(offset + 2, view.rev & 0xffff);
    const stamp = view.at === 0 ? 0 : Math.max(0, view.at - this.#baseAt) + 1;
    this.#data.setUint32(offset + 4, Math.min(stamp, 0xffff_ffff));
    this.#data.setUint16(offset + 8, toLog16(view.rttUs));
    this.#data.setUint16(offset + 10, toSpan16(view.freshForMs));
    if (!isPlain(view)) this.#tail.set(position, tailOf(view));
  }

  bytes(): Uint8Array<ArrayBuffer> {
    const tail =
      this.#tail.size === 0
        ? new Uint8Array(0)
        : new TextEncoder().encode(JSON.stringify(Object.fromEntries(this.#tail)));
    const records = this.#count * RECORD;
    const body = new Uint8Array(HEADER + records + tail.byteLength);
    body[0] = VERSION;
    new DataView(body.buffer).setUint16(2, this.#count);
    body.set(this.#bytes.subarray(0, records), HEADER);
    body.set(tail, HEADER + records);
    return body;
  }

  #grow(count: number): void {
    if (count <= this.#count) return;
    const needed = count * RECORD;
    if (needed > this.#bytes.byteLength) {
      const larger = new Uint8Array(Math.max(needed, this.#bytes.byteLength * 2));
      larger.set(this.#bytes);
      this.#bytes = larger;
      this.#data = new DataView(larger.buffer);
    }
    this.#count = count;
  }
}

/** Good for long and nothing more to say: without a run its newest reading was good too. */
function isPlain(view: View): boolean {
  return (
    view.level !== null &&
    statusOf(view.level) !== 'down' &&
    view.run === null &&
    view.unable === null &&
    (view.rttUs === null || view.rttAt === view.at) &&
    view.code === 'ok' &&
    view.text === '' &&
    view.sinceAt !== null &&
    view.at - view.sinceAt >= SINCE_KEPT_MS
  );
}

function tailOf(view: View): Tail {
  const { run, unable } = view;
  const tail: Tail = [
    view.sinceAt,
    view.rttAt,
    view.badSinceAt,
    view.lastGoodAt,
    run && [
      run.direction === 'worse' ? 1 : 0,
      run.count,
      run.level,
      run.startedAt,
      run.code,
      shortened(run.text, MAX_TEXT),
    ],
    view.code,
    shortened(view.text, MAX_TEXT),
  ];
  if (unable !== null) tail.push([unable.code, shortened(unable.text, MAX_TEXT)]);
  return tail;
}

function runOf(run: Tail[4]): Run | null {
  if (run === null) return null;
  const [worse, count, level, startedAt, code, text] = run;
  return { direction: worse ? 'worse' : 'better', count, level, startedAt, code, text };
}
