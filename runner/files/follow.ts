import { type FileHandle, open, readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** No more is read at one look; what a log grew beyond that since the last one is passed over. */
const MOST_BYTES = 4 * 1024 * 1024;
const LONGEST_LINE = 4096;

/** How far a log has been read. */
export interface Mark {
  inode: number;
  offset: number;
}

export interface Grown {
  lines: string[];
  mark: Mark;
  /** Bytes that were passed over. */
  passedOver: number;
}

/**
 * The whole lines written since the mark, through a rotation too where the old file is still beside the new one.
 * Without a mark: none, and from here on.
 */
export async function readGrown(path: string, mark: Mark | null): Promise<Grown> {
  const now = await stat(path);
  if (mark === null)
    return { lines: [], mark: { inode: now.ino, offset: now.size }, passedOver: 0 };
  if (mark.inode === now.ino && now.size >= mark.offset) return readFrom(path, mark);
  // Truncated, or another file: what the old one still got is read first.
  const old = mark.inode === now.ino ? null : await findRotated(path, mark.inode);
  const rest = old === null ? null : await readFrom(old, mark);
  const fresh = await readFrom(path, { inode: now.ino, offset: 0 });
  return {
    lines: [...(rest?.lines ?? []), ...fresh.lines],
    mark: fresh.mark,
    passedOver: (rest?.passedOver ?? 0) + fresh.passedOver,
  };
}

async function readFrom(path: string, { inode, offset }: Mark): Promise<Grown> {
  const handle = await open(path, 'r');
  try {
    const { size } = await handle.stat();
    const from = Math.max(offset, size - MOST_BYTES);
    const bytes = await readBytes(handle, from, size - from);
    // A line that is being written is left for the next look.
    const end = bytes.lastIndexOf(10) + 1;
    const text = bytes.toString('utf8', 0, end);
    const lines = text.split('\n').slice(0, -1);
    return {
      lines: lines.map((line) => line.slice(0, LONGEST_LINE)),
      mark: { inode, offset: from + end },
      passedOver: from - offset,
    };
  } finally {
    await handle.close();
  }
}

async function readBytes(handle: FileHandle, from: number, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(Math.max(0, length));
  const { bytesRead } = await handle.read(bytes, 0, bytes.length, from);
  return bytes.subarray(0, bytesRead);
}

/** Rotation renames: the file with the old inode, beside the new one. */
async function findRotated(path: string, inode: number): Promise<string | null> {
  const folder = dirname(path);
  for (const name of await readdir(folder).catch(() => [])) {
    if (!name.startsWith(basename(path)) || /\.(gz|xz|bz2|zst)$/.test(name)) continue;
    const found = await stat(join(folder, name)).catch(() => null);
    if (found?.ino === inode) return join(folder, name);
  }
  return null;
}
