// Refusals: one table, answered as RFC 9457 problem details with a stable `code`.
import { HTTPException } from 'hono/http-exception';
import type * as z from 'zod';

const table = {
  bad_request: [400, 'The request cannot be read'],
  invalid_input: [400, 'Some fields are not right'],
  unauthenticated: [401, 'Sign in, or send a token'],
  clock_skew: [401, 'The clocks differ too much'],
  bad_token: [401, 'The signed token is not valid'],
  unknown_runner: [401, 'No such runner'],
  runner_disabled: [403, 'This runner is disabled or not approved yet'],
  runner_revoked: [403, 'This runner was revoked'],
  forbidden: [403, 'Not allowed'],
  bad_code: [403, 'The join code is wrong, used up or expired'],
  csrf: [403, 'The request did not come from this site'],
  not_found: [404, 'Not found'],
  method_not_allowed: [405, 'Method not allowed'],
  conflict: [409, 'It changed meanwhile'],
  sequence: [409, 'Not the sequence number that comes next'],
  too_large: [413, 'Too large'],
  unsupported_media: [415, 'Send application/json'],
  too_many: [429, 'Too many attempts'],
  busy: [503, 'Busy; try again shortly'],
  not_configured: [503, 'Not configured'],
  internal: [500, 'Something went wrong here'],
} as const satisfies Record<string, readonly [number, string]>;

export type ProblemCode = keyof typeof table;

/** `path` is the field ("checks[0].interval"), `message` a sentence about it. */
export interface FieldError {
  path: string;
  message: string;
}

/** Throw it anywhere below a route; the app answers it. */
export class Problem extends HTTPException {
  readonly code: ProblemCode;
  readonly detail: string | undefined;
  readonly errors: FieldError[];
  readonly extra: Record<string, unknown>;
  readonly headers: Record<string, string>;

  constructor(
    code: ProblemCode,
    options: {
      detail?: string;
      errors?: FieldError[];
      /** Members beside the standard ones, like `now` for clock_skew. */
      extra?: Record<string, unknown>;
      headers?: Record<string, string>;
    } = {},
  ) {
    super(table[code][0], { message: options.detail ?? table[code][1] });
    this.code = code;
    this.detail = options.detail;
    this.errors = options.errors ?? [];
    this.extra = options.extra ?? {};
    this.headers = options.headers ?? {};
  }

  override getResponse(): Response {
    const [status, title] = table[this.code];
    const body = {
      type: `https://anyup.dev/problems/${this.code}`,
      title,
      status,
      code: this.code,
      ...(this.detail !== undefined && { detail: this.detail }),
      ...(this.errors.length > 0 && { errors: this.errors }),
      ...this.extra,
    };
    return new Response(JSON.stringify(body), {
      status,
      headers: {
        'content-type': 'application/problem+json',
        'cache-control': 'no-store',
        ...this.headers,
      },
    });
  }
}

/** "checks[0].interval" from a zod path. */
export function fieldPath(path: ReadonlyArray<PropertyKey>): string {
  return path.reduce<string>(
    (text, part) =>
      typeof part === 'number'
        ? `${text}[${part}]`
        : text
          ? `${text}.${String(part)}`
          : String(part),
    '',
  );
}

export function fieldErrors(error: z.ZodError): FieldError[] {
  return error.issues.map(({ path, message }) => ({ path: fieldPath(path), message }));
}

/** Parses with a schema or refuses with every field named. */
export function parseOrRefuse<S extends z.ZodType>(schema: S, input: unknown): z.output<S> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  throw new Problem('invalid_input', { errors: fieldErrors(parsed.error) });
}
