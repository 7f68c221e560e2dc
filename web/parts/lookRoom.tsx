// How much the worker's own looks come to, of what there is room for.
import type { LookRoomModel } from '../adminModels.ts';
import { about } from '../amounts.ts';
import { count } from '../words.ts';

export function LookRoomWords({ room }: { room: LookRoomModel }) {
  const { checks, wanted, most } = room;
  return (
    <span class={wanted > most ? 'down' : ''}>
      It is asked for {count(checks, 'check')}: about {about(Math.ceil(wanted))} of the {most} looks
      a minute that it has room for; redirects and repeated looks come on top. What finds no room
      comes first the next minute, and is unknown meanwhile, never down.
    </span>
  );
}
