// Looks at the way to each address of its order, in a process of its own; prints what it found as JSON.
import { routeTo } from '#runner/icmp/route.ts';
import type { RouteOrder } from './runAlone.ts';

const { addresses } = JSON.parse(process.argv[2] ?? '') as RouteOrder;
const routes = [];
for (const address of addresses) routes.push(await routeTo(address));
process.stdout.write(JSON.stringify(routes));
