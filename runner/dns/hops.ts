// A name in a message may end in a pointer to an earlier name. A hostile server can string thousands of pointers together
// and let every record go all the way: one message would keep the runner busy for seconds.

/** Real names hop once or twice; none has more than 127 labels. */
const MOST_HOPS = 32;
const POINTER = 0xc0;
const LABEL = 0x40;

/** Whether reading a name, wherever in the message it may begin, takes more hops than any honest one. Linear in its length. */
export function hopsTooMuch(bytes: Buffer): boolean {
  /** By offset: the hops of a name that begins there, plus one; 0 = not known yet. */
  const known = new Uint8Array(bytes.length);
  const path: number[] = [];
  for (let start = 0; start < bytes.length; start++) {
    let at = start;
    while (at < bytes.length && known[at] === 0) {
      known[at] = 1;
      path.push(at);
      at = next(bytes, at);
    }
    let hops = known[at] ?? 1;
    for (let offset = path.pop(); offset !== undefined; offset = path.pop()) {
      if ((bytes[offset] as number) >= POINTER) hops += 1;
      if (hops > MOST_HOPS) return true;
      known[offset] = hops;
    }
  }
  return false;
}

/** Where a name goes on after the label or pointer at `at`; beyond the end when it does not. */
function next(bytes: Buffer, at: number): number {
  const first = bytes[at] as number;
  if (first >= POINTER) {
    const target = ((first & 0x3f) << 8) | (bytes[at + 1] ?? 0);
    return target < at ? target : bytes.length;
  }
  return first > 0 && first < LABEL ? at + 1 + first : bytes.length;
}
