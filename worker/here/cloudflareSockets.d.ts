/** Of workerd's own module, what is used here. */
declare module 'cloudflare:sockets' {
  interface Socket {
    opened: Promise<unknown>;
    closed: Promise<void>;
    close(): Promise<void>;
  }
  export function connect(
    address: { hostname: string; port: number },
    options: { secureTransport: 'off' },
  ): Socket;
}
