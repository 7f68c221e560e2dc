import { BlockList } from 'node:net';

const site = new BlockList();
for (const [address, bits] of [
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
] as const) {
  site.addSubnet(address, bits, 'ipv4');
}
site.addSubnet('fc00::', 7, 'ipv6');
site.addSubnet('fe80::', 10, 'ipv6');

/** An address of private networks: reached without the uplink. */
export function isOfThisSite(address: string): boolean {
  return site.check(address, address.includes(':') ? 'ipv6' : 'ipv4');
}
