import { readFile } from 'node:fs/promises';
import { libraryMounts } from './library.ts';

/** File systems that lie on a disk, or on somebody else's, and so can fill up. */
const KEEPS =
  /^(ext[234]|xfs|btrfs|zfs|f2fs|jfs|reiserfs|bcachefs|ntfs3?|fuseblk|vfat|exfat|apfs|hfs|nfs4?|cifs|smb3|ceph|glusterfs)$/;
/** Mounted again and again by others, and read only by nature. */
const OF_OTHERS = /^\/(proc|sys|dev|run|snap|var\/lib\/(docker|containers|kubelet|snapd))(\/|$)/;

/** Where the disks of this machine are mounted, each once, and the root of all in any case. */
export async function realMounts(): Promise<string[]> {
  if (process.platform !== 'linux') return libraryMounts();
  const seen = new Map<string, string>([['/', '/']]);
  const lines = (await readFile('/proc/self/mounts', 'utf8')).split('\n');
  for (const line of lines) {
    const [device = '', mount = '', type = '', options = ''] = line.split(' ').map(withBlanks);
    if (!KEEPS.test(type) || OF_OTHERS.test(mount)) continue;
    if (mount !== '/' && options.split(',').includes('ro')) continue;
    // Files mounted one by one, as containers have them, are on the disk of their folder.
    if (/^\/etc\/(hosts|hostname|resolv\.conf)$/.test(mount)) continue;
    if (![...seen.values()].includes(device)) seen.set(mount, device);
  }
  return [...seen.keys()].sort();
}

/** Blanks are written as octal numbers. */
function withBlanks(text: string): string {
  return text.replace(/\\(\d{3})/g, (_, octal: string) => String.fromCharCode(parseInt(octal, 8)));
}
