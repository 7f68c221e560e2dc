// The way to an address, through routers that are network namespaces.
import { expect, it } from 'vitest';
import { routesInOwnNetwork } from '#test/support/probes/runAlone.ts';

const PING_SOCKETS = 'echo "0 2147483647" > /proc/sys/net/ipv4/ping_group_range';
const NO_PING_SOCKETS = 'echo "1 0" > /proc/sys/net/ipv4/ping_group_range';

const addresses = ['127.0.0.1', '10.9.1.2', '10.9.2.2', 'fd09:2::2'];

it.each([
  ['a ping socket', PING_SOCKETS],
  ['a raw socket', NO_PING_SOCKETS],
])('is told hop by hop, by %s', async (_, setup) => {
  expect(await routesInOwnNetwork({ addresses }, [setup])).toEqual([
    ['127.0.0.1'],
    ['10.9.1.2'],
    ['10.9.1.2', '10.9.2.2'],
    ['fd09:1::2', 'fd09:2::2'],
  ]);
});

it('one that keeps silent is a gap in it, and a target that does is not at its end', async () => {
  const silent = 'ip -n near rule add iif lo blackhole';
  const [gap] = await routesInOwnNetwork({ addresses: ['10.9.2.2'] }, [silent]);
  expect(gap).toEqual([null, '10.9.2.2']);
  const deaf = "ip netns exec far sh -c 'echo 1 > /proc/sys/net/ipv4/icmp_echo_ignore_all'";
  const [short] = await routesInOwnNetwork({ addresses: ['10.9.2.2'] }, [deaf]);
  expect(short).toEqual(['10.9.1.2']);
});

it('where no socket may be opened there is none', async () => {
  const setup = [
    NO_PING_SOCKETS,
    'exec /usr/bin/setpriv --bounding-set=-net_raw --inh-caps=-net_raw "$2" "$3" "$4"',
  ];
  expect(await routesInOwnNetwork({ addresses: ['127.0.0.1'] }, setup)).toEqual([null]);
});
