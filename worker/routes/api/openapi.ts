// The documentation, generated from the schemas that validate.
import * as z from 'zod';
import { CHANNEL_KINDS, CHANNELS } from '#worker/notify/index.ts';
import { backupQuery, restoreAnswer, restoreQuery } from './backup.ts';
import type { Operation } from './operation.ts';
import { statusAnswer } from './status.ts';

type Json = Record<string, unknown>;

const PROBLEM: Json = {
  description: 'A problem (RFC 9457): `code` is stable, `errors` names each field',
  content: {
    'application/problem+json': {
      schema: {
        type: 'object',
        required: ['type', 'title', 'status', 'code'],
        properties: {
          type: { type: 'string', format: 'uri' },
          title: { type: 'string' },
          status: { type: 'integer' },
          code: { type: 'string' },
          detail: { type: 'string' },
          errors: {
            type: 'array',
            items: {
              type: 'object',
              required: ['path', 'message'],
              properties: { path: { type: 'string' }, message: { type: 'string' } },
            },
          },
        },
      },
    },
  },
};

/** OpenAPI 3.1 of the operations given. */
export function openApi(operations: readonly Operation[], url: string): Json {
  const paths: Record<string, Json> = {
    '/status': { get: described(STATUS) },
    '/live': { get: described(LIVE) },
    '/openapi.json': { get: described(SELF) },
    '/backup': { get: described(BACKUP), post: described(RESTORE) },
  };
  for (const operation of operations) {
    const path = operation.path.replace(/:(\w+)/g, '{$1}');
    paths[path] ??= {};
    paths[path][operation.method] = described(operation);
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Anyup',
      version: '1',
      description: 'Durations are text like "30s", instants ISO-8601 UTC, `rttUs` microseconds.',
    },
    servers: [{ url: `${url}/api/v1` }],
    components: {
      securitySchemes: {
        bearer: {
          type: 'http',
          scheme: 'bearer',
          description: 'an API token, or the owner’s access key',
        },
      },
      responses: { Problem: PROBLEM },
      schemas: Object.fromEntries(
        CHANNEL_KINDS.map((kind) => [
          `ChannelSettings_${kind}`,
          jsonSchema(CHANNELS[kind].schema, 'input'),
        ]),
      ),
    },
    paths,
  };
}

type Described = Omit<Operation, 'act' | 'path' | 'method'> &
  Partial<Pick<Operation, 'path' | 'method'>> & {
    /** All of the input stands in the query; the body is a document of its own. */
    query?: boolean;
  };

const STATUS: Described = { summary: 'What is up now', role: 'anyone', answer: statusAnswer };
const LIVE: Described = {
  summary:
    'A line that says `changed` when something shown has; 204 where none can be held, or as many are as there may be',
  role: 'viewer',
  media: 'text/event-stream',
};
const BACKUP: Described = {
  summary: 'What people set up, without secrets; with `full` history too, a line a row',
  role: 'owner',
  input: backupQuery,
  answer: z.looseObject({}),
};
const RESTORE: Described = {
  summary: 'Restore a backup, which is the body; history that was cut off goes on `from` a line',
  role: 'owner',
  input: restoreQuery,
  query: true,
  method: 'post',
  answer: restoreAnswer,
};
const SELF: Described = { summary: 'This document', role: 'anyone', answer: z.looseObject({}) };

function described(operation: Described): Json {
  const { summary, role, status = 200, path = '', method = 'get' } = operation;
  const inQuery = operation.query === true;
  const { parameters, body } = parted(operation.input, path, inQuery ? 'get' : method);
  return {
    summary,
    ...(role === 'anyone'
      ? { security: [] }
      : { security: [{ bearer: [] }], description: `Needs the role ${role}.` }),
    ...(parameters.length > 0 && { parameters }),
    ...(inQuery && {
      requestBody: { required: true, content: { 'application/x-ndjson': {} } },
    }),
    ...(body && {
      requestBody: { required: true, content: { 'application/json': { schema: body } } },
    }),
    responses: {
      ...answered(operation, status),
      default: { $ref: '#/components/responses/Problem' },
    },
  };
}

function answered({ answer, wrap, media }: Described, status: number): Json {
  if (media) return { [status]: { description: 'The answer', content: { [media]: {} } } };
  if (!answer) return { 204: { description: 'Done' } };
  const schema = jsonSchema(wrap ? z.object({ [wrap]: answer }) : answer, 'output');
  return { [status]: { description: 'The answer', content: { 'application/json': { schema } } } };
}

/** What an action takes, parted into the path, the query and the body. */
function parted(input: z.ZodType | undefined, path: string, method: string) {
  const schema = input ? jsonSchema(input, 'input') : { type: 'object', properties: {} };
  const inPath = [...path.matchAll(/:(\w+)/g)].map(([, name]) => name as string);
  const { properties, ...rest } = schema as Json & { properties?: Record<string, Json> };
  if (!properties) return { parameters: [], body: schema };
  const others = Object.entries(properties).filter(([name]) => !inPath.includes(name));
  const required = ((rest.required as string[] | undefined) ?? []).filter(
    (name) => !inPath.includes(name),
  );
  const inQuery = method === 'get' ? others : [];
  const parameters = [
    ...inPath.map((name) => ({
      name,
      in: 'path',
      required: true,
      schema: properties[name] ?? { type: 'string' },
    })),
    ...inQuery.map(([name, each]) => ({ name, in: 'query', required: false, schema: each })),
  ];
  const body =
    method === 'get' || others.length === 0
      ? null
      : { ...rest, ...{ required }, properties: Object.fromEntries(others) };
  return { parameters, body };
}

function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): Json {
  const { $schema: _, ...json } = z.toJSONSchema(schema, {
    io,
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema: made }) => {
      if (z.globalRegistry.get(zodSchema)?.instant) asDateTime(made);
      if (zodSchema instanceof z.ZodObject) withoutInferred(zodSchema, made);
    },
  }) as Json;
  return json;
}

function asDateTime(made: Json): void {
  for (const key of Object.keys(made)) delete made[key];
  made.type = 'string';
  made.format = 'date-time';
}

/** What follows from another field need not be sent. */
function withoutInferred(schema: z.ZodObject, made: Json): void {
  const { required } = made as { required?: string[] };
  if (!required) return;
  made.required = required.filter((name) => schema.shape[name]?.meta()?.inferred !== true);
}
