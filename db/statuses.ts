// Words that columns are held to; apart from the schema, so that the worker can go by them without its library.

export const RUNNER_STATUSES = ['pending', 'active', 'disabled', 'revoked'] as const;

export const DELIVERY_STATUSES = ['owed', 'sent', 'failed'] as const;
