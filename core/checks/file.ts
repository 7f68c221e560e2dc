import * as z from 'zod';
import { duration } from '../duration.ts';
import { type CheckKind, inferLocal, localTarget } from './kind.ts';

/** Absolute, here or on Windows. */
export const FILE_PATH = /^(\/|[A-Za-z]:[\\/])[^\0\n]{0,1000}$/;

const bytes = z.int().min(0).optional();

const fields = z.object({
  target: localTarget(
    'file',
    FILE_PATH,
    'must be an absolute path, like "/var/backups/db.gz"',
  ).meta({
    title: 'File',
    placeholder: 'file:/var/backups/db.gz',
  }),
  maxAge: duration(1000, 400 * 86_400_000)
    .optional()
    .meta({
      title: 'Not older than',
      description: 'an older file is down',
      placeholder: '25h',
    }),
  minBytes: bytes.meta({ title: 'At least bytes' }),
  maxBytes: bytes.meta({ title: 'At most bytes' }),
});

/** Age and size of a file on the runner's machine, in a folder that its owner lets checks look into. */
export type FileSpec = z.output<typeof fields>;

export const file: CheckKind<FileSpec> = {
  title: 'File on the runner',
  subject: 'runner',
  charted: 'Age',
  schema: fields,
  fields,
  infer: inferLocal('file', FILE_PATH),
  addressOf: () => null,
};
