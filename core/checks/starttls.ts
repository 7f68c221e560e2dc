/** Protocols in which TLS is asked for after the connection has begun in the clear. */
export const STARTTLS = ['smtp', 'imap', 'pop3', 'ftp', 'postgres', 'mysql'] as const;

export type Starttls = (typeof STARTTLS)[number];
