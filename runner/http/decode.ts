// Bodies that come packed although nobody asked for it: unpacked as far as they may be read, never further.
import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate, inflateRaw } from 'node:zlib';
import { Failure, messageOf } from '../failure.ts';

type Unpack = (packed: Buffer, maxOutputLength: number) => Promise<Buffer>;

const deflated: Unpack = async (packed, maxOutputLength) => {
  // "deflate" means zlib, but some servers send it bare.
  const bare = ((packed[0] ?? 0) & 0x0f) !== 8;
  return promisify(bare ? inflateRaw : inflate)(packed, { maxOutputLength });
};

const CODINGS: Record<string, Unpack> = {
  gzip: (packed, maxOutputLength) => promisify(gunzip)(packed, { maxOutputLength }),
  'x-gzip': (packed, maxOutputLength) => promisify(gunzip)(packed, { maxOutputLength }),
  deflate: deflated,
  br: (packed, maxOutputLength) => promisify(brotliDecompress)(packed, { maxOutputLength }),
};

/** Two layers are known to happen, more are an attack. */
const MAX_LAYERS = 2;

/** The body under its `Content-Encoding`; larger than `maxBytes` it is a failure, and so is what cannot be read. */
export async function unpacked(
  body: Buffer,
  coding: string,
  maxBytes: number,
): Promise<Buffer | Failure> {
  const layers = coding
    .toLowerCase()
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '' && each !== 'identity');
  if (layers.length > MAX_LAYERS) {
    return new Failure('http.encoding', `the body is packed ${layers.length} times over`);
  }
  let bytes = body;
  for (const layer of layers.reverse()) {
    const unpack = Object.hasOwn(CODINGS, layer) ? CODINGS[layer] : undefined;
    if (!unpack) {
      const text = `the body is packed as "${layer.slice(0, 40)}", which nobody asked for`;
      return new Failure('http.encoding', text);
    }
    try {
      bytes = await unpack(bytes, Math.max(1, maxBytes));
    } catch (error) {
      if ((error as { code?: unknown }).code === 'ERR_BUFFER_TOO_LARGE') {
        const text = `the body of ${body.length} bytes unpacks to more than the ${maxBytes} bytes allowed`;
        return new Failure('http.too_large', text);
      }
      return new Failure('http.encoding', `the body is not ${layer}: ${messageOf(error)}`);
    }
  }
  return bytes;
}
