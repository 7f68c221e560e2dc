// Why a reading is what it is: one table of stable codes. The text beside a code carries the particulars;
// the public page shows `publicText` only, which names no address.

interface Reason {
  /** What anyone may read. */
  readonly publicText: string;
  /** What the person who runs the check can do about it. */
  readonly mend: string;
}

const table = {
  ok: { publicText: 'answers', mend: '' },
  'dns.not_found': {
    publicText: 'the name does not resolve',
    mend: 'Check the spelling of the name and its DNS records.',
  },
  'dns.timeout': {
    publicText: 'name resolution timed out',
    mend: 'Check the resolver that the runner uses.',
  },
  'dns.failed': {
    publicText: 'name resolution failed',
    mend: 'Look at the resolver answer in the text; try it with dig on the runner.',
  },
  'dns.no_answer': {
    publicText: 'the name server does not answer',
    mend: 'See whether the server runs, and whether a firewall lets port 53 through.',
  },
  'dns.invalid': {
    publicText: 'the answer is not valid DNS',
    mend: 'Something that is not a name server may listen there, or meddle on the way.',
  },
  'dns.rcode': {
    publicText: 'the name server answered otherwise than expected',
    mend: 'Look at the zone and in the log of the server, or correct what is expected.',
  },
  'dns.no_records': {
    publicText: 'no record of that type',
    mend: 'Add the record, or expect NODATA.',
  },
  'dns.value': {
    publicText: 'the records are not the expected ones',
    mend: 'Compare the zone with what the check expects.',
  },
  'dns.ttl': {
    publicText: 'time to live out of bounds',
    mend: 'Correct the TTL in the zone, or the bounds of the check.',
  },
  'dns.not_validated': {
    publicText: 'not validated by DNSSEC',
    mend: 'See that the zone is signed and that this resolver validates.',
  },
  'dns.serial': {
    publicText: 'name servers hold different versions of the zone',
    mend: 'See why the zone was not transferred to the ones behind.',
  },
  'dns.lame': {
    publicText: 'a name server does not serve its zone',
    mend: 'Load the zone there, or remove that server from the NS records.',
  },
  'connect.refused': {
    publicText: 'connection refused',
    mend: 'Nothing listens on that port: start the service or correct the port.',
  },
  'connect.timeout': {
    publicText: 'no answer to the connection attempt in time',
    mend: 'A firewall may drop the packets, or the machine is off.',
  },
  'connect.reset': {
    publicText: 'connection reset',
    mend: 'The other side closed the connection at once: look in its log.',
  },
  'connect.unreachable': {
    publicText: 'network or host unreachable',
    mend: 'Check routes between the runner and the target.',
  },
  'connect.failed': { publicText: 'could not connect', mend: 'The text has the system error.' },
  'tls.expired': { publicText: 'certificate expired', mend: 'Renew the certificate.' },
  'tls.not_yet_valid': {
    publicText: 'certificate not valid yet',
    mend: 'Check the clocks and the certificate dates.',
  },
  'tls.hostname': {
    publicText: 'certificate is for another name',
    mend: 'Serve a certificate that names this host.',
  },
  'tls.self_signed': {
    publicText: 'certificate is self-signed',
    mend: 'Use a certificate from an authority the runner trusts, or allow it on this check.',
  },
  'tls.untrusted': {
    publicText: 'certificate chain is not trusted',
    mend: 'Serve the whole chain, or add the authority to the runner (NODE_EXTRA_CA_CERTS).',
  },
  'tls.expires_soon': {
    publicText: 'certificate expires soon',
    mend: 'Renew the certificate; if that is automatic, see why it did not happen.',
  },
  'tls.protocol': {
    publicText: 'TLS version is too old',
    mend: 'Enable TLS 1.2 and 1.3 on the server, or lower the minimum of the check.',
  },
  'tls.revoked': {
    publicText: 'certificate is revoked',
    mend: 'Replace the certificate: its authority has withdrawn it.',
  },
  'tls.staple': {
    publicText: 'no valid OCSP staple',
    mend: 'See that the server staples a fresh OCSP response (nginx: ssl_stapling).',
  },
  'tls.pin': {
    publicText: 'certificate or key is not the pinned one',
    mend: 'If it was replaced on purpose, correct the pin; else find out who answers there.',
  },
  'tls.starttls': {
    publicText: 'the service does not turn to TLS',
    mend: 'Enable STARTTLS on the service; the text has what it answered.',
  },
  'tls.client_certificate': {
    publicText: 'the server wants another client certificate',
    mend: 'Give the check the certificate and key that the server trusts.',
  },
  'tls.failed': { publicText: 'TLS handshake failed', mend: 'The text has the TLS error.' },
  'tcp.answer': {
    publicText: 'the service answers otherwise than expected',
    mend: 'Compare what it said with what the check expects.',
  },
  'icmp.no_reply': {
    publicText: 'no echo reply',
    mend: 'The machine is off, unreachable, or drops ICMP.',
  },
  'icmp.loss': {
    publicText: 'some echo replies were lost',
    mend: 'Look at the path to the target.',
  },
  'icmp.too_big': {
    publicText: 'packets of that size do not pass whole',
    mend: 'Find the link with the smaller MTU (a tunnel, often), or send less.',
  },
  'http.status': {
    publicText: 'unexpected HTTP status',
    mend: 'Look at the service, or correct the expected statuses.',
  },
  'http.body': {
    publicText: 'the body does not match',
    mend: 'Compare the body with what the check expects.',
  },
  'http.too_large': {
    publicText: 'the answer is larger than allowed',
    mend: 'Raise the size limit of the check if that size is right.',
  },
  'http.redirects': {
    publicText: 'too many redirects',
    mend: 'Follow the redirects by hand; there may be a loop.',
  },
  'http.invalid': {
    publicText: 'the answer is not valid HTTP',
    mend: 'Something that is not an HTTP server may listen on that port.',
  },
  'http.headers_too_large': {
    publicText: 'the response header is larger than allowed',
    mend: 'The server sends more than 64 KiB of header.',
  },
  'http.json': {
    publicText: 'the JSON is not as expected',
    mend: 'Compare the document with what the check expects; try the check to see each value.',
  },
  'http.header': {
    publicText: 'a header of the answer is not as expected',
    mend: 'Compare the header with what the check expects; try the check to see each value.',
  },
  'http.encoding': {
    publicText: 'the body is packed in a way that cannot be read',
    mend: 'The check asks for plain bodies (Accept-Encoding: identity): let the server honour it.',
  },
  'http.version': {
    publicText: 'the server does not speak the HTTP version asked for',
    mend: 'Enable HTTP/2 on the server, or choose another version on the check.',
  },
  'oauth.failed': {
    publicText: 'no access token',
    mend: 'Look at the answer of the token endpoint in the text; check client id, secret and scope.',
  },
  'proxy.unreachable': {
    publicText: 'the proxy cannot be reached',
    mend: 'Check the address of the proxy, and that it runs.',
  },
  'proxy.refused': {
    publicText: 'the proxy opens no way to the target',
    mend: 'The text has its answer: check its rules, its credentials, and whether it reaches the target.',
  },
  inverted: {
    publicText: 'answers, and must not',
    mend: 'Something is reachable that should not be: close it, or take "must not answer" off the check.',
  },
  timeout: {
    publicText: 'no complete answer in time',
    mend: 'Raise the timeout if the service is slow by nature.',
  },
  closed_early: {
    publicText: 'connection closed before the answer was complete',
    mend: 'Look in the log of the service.',
  },
  too_much: {
    publicText: 'the service sends without end',
    mend: 'Something else than expected may listen on that port.',
  },
  slow: {
    publicText: 'slower than the limit',
    mend: 'Look at the load of the service, or raise the limit.',
  },
  'script.status': {
    publicText: 'the probe reports a problem',
    mend: 'Read the message of the probe.',
  },
  'script.exit': { publicText: 'the probe failed', mend: 'Run the script on the runner by hand.' },
  'script.timeout': {
    publicText: 'the probe ran out of time',
    mend: 'Raise the timeout or speed it up.',
  },
  'script.output': {
    publicText: 'the probe printed something unreadable',
    mend: 'Check what the script prints against its protocol.',
  },
  'script.limit': {
    publicText: 'the probe was stopped at a limit',
    mend: 'The text names the limit: processes, memory, processor time or output. Mend the script, or raise the limit on the check.',
  },
  'script.killed': { publicText: 'the probe was killed', mend: 'The text has the signal.' },
  'machine.limit': {
    publicText: 'beyond its limit',
    mend: 'Look at what the machine is busy with or full of, or correct the limit.',
  },
  'machine.missing': {
    publicText: 'what is looked at is not there',
    mend: 'Is the disk mounted, is the interface there? Else correct the target of the check.',
  },
  'processes.count': {
    publicText: 'not as many processes as expected',
    mend: 'Start the program, or look why there are so many of it.',
  },
  'service.state': {
    publicText: 'the service is not in the expected state',
    mend: 'Look at what the service manager says: systemctl status <service>.',
  },
  'file.missing': {
    publicText: 'there is no such file',
    mend: 'Look why it was not made, or correct the path.',
  },
  'file.age': {
    publicText: 'the file is too old',
    mend: 'Look at the job that should have written it.',
  },
  'file.size': {
    publicText: 'the file is too small or too large',
    mend: 'Look at the job that writes it.',
  },
  'log.lines': {
    publicText: 'lines in the log match',
    mend: 'Read the log around the line in the text.',
  },
  silent: { publicText: 'no report', mend: 'Start the runner again, or look at its network.' },
  'heartbeat.missed': {
    publicText: 'no beat in time',
    mend: 'See whether the job runs, and whether its machine reaches Anyup.',
  },
  'heartbeat.failed': {
    publicText: 'the job says that it failed',
    mend: 'Read what it sent last on the page of its host, or look in its log.',
  },
  'group.members': {
    publicText: 'not enough of its members are up',
    mend: 'Look at the members that the text names.',
  },
  'manual.set': { publicText: 'set by hand', mend: 'Whoever set it can set it up again.' },
  'unable.icmp': {
    publicText: 'the runner may not send ICMP',
    mend: 'Set net.ipv4.ping_group_range="0 2147483647", grant CAP_NET_RAW, or install fping.',
  },
  'unable.icmp_option': {
    publicText: 'the way this runner pings cannot do that',
    mend: 'Let the runner open ICMP sockets (see unable.icmp), or take the option off the check.',
  },
  'unable.family': {
    publicText: 'the runner has no route for that address family',
    mend: 'Give the runner IPv6 (or IPv4), or choose the other family on the check.',
  },
  'unable.resolver': {
    publicText: 'the runner cannot reach its resolver',
    mend: 'Check /etc/resolv.conf and the network of the runner.',
  },
  'unable.script': {
    publicText: 'the runner has no such script',
    mend: 'Put the executable into the folder named by ANYUP_PROBES on that runner.',
  },
  'unable.probe': {
    publicText: 'the probe itself could not tell',
    mend: 'Run the script on the runner by hand; its message says what it lacked.',
  },
  'unable.paused': {
    publicText: 'the probe asked to be left alone',
    mend: 'It exited 12 or 13; restart the runner to run it again.',
  },
  'unable.credentials': {
    publicText: 'the runner cannot use the credentials of the check',
    mend: 'Check that certificate and key are whole, belong together and have no passphrase.',
  },
  'unable.machine': {
    publicText: 'the runner cannot look at that on its machine',
    mend: 'The text says what is lacking: a sensor, a service manager, a right to read.',
  },
  'unable.files': {
    publicText: 'the runner may not look into that folder',
    mend: 'Its owner names the folders that checks may read: --files /var/log,/var/backups.',
  },
  'unable.permit': {
    publicText: 'the owner of the runner does not allow it',
    mend: 'The text names the setting with which the owner of the runner allows it.',
  },
  'unable.kind': {
    publicText: 'the runner does not know this kind of check',
    mend: 'Upgrade the runner.',
  },
  'unable.forbidden': {
    publicText: 'the runner may not talk to that network',
    mend: "Allow the network in the runner's own file (ANYUP_RUNNER_FILE), or give the check to another runner.",
  },
  'unable.not_public': {
    publicText: 'the worker looks at public addresses only',
    mend: 'Give the check to a runner that stands in that network; a worker of your own may be allowed more (ANYUP_WORKER_NETWORKS).',
  },
  'unable.worker': {
    publicText: 'the worker cannot look at that itself',
    mend: 'Cloudflare keeps its workers from some addresses and ports, its own among them: give the check to a runner.',
  },
  'unable.secret': {
    publicText: 'the runner may not use a secret of the check there',
    mend: "Put the secret, with this host and kind, into the runner's own file (ANYUP_RUNNER_FILE), and restart it.",
  },
  'unable.resources': {
    publicText: 'the runner is out of file descriptors or memory',
    mend: 'Raise its limits or give it fewer checks.',
  },
  'unable.internal': {
    publicText: 'the runner failed to measure',
    mend: 'This is a defect of Anyup: look in the log of the runner.',
  },
} as const satisfies Record<string, Reason>;

/** A stable code from the table: part of the API, never renamed. */
export type ReasonCode = keyof typeof table;

/** Every code with its words, for documentation and checks of input. */
export const REASONS: Readonly<Record<ReasonCode, Reason>> = table;

export function isReasonCode(value: unknown): value is ReasonCode {
  return typeof value === 'string' && Object.hasOwn(table, value);
}

/** What anyone may read about a code; codes of a newer runner fall back to the code itself. */
export function publicReason(code: string): string {
  return isReasonCode(code) ? table[code].publicText : code;
}
