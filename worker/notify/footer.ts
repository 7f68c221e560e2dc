const SHOWN = 12;

/** Names the deliveries at the foot of a message, as the admin page lists them. */
export function footer(deliveryIds: readonly number[]): string {
  if (deliveryIds.length === 1) return `Anyup, delivery ${deliveryIds[0]}`;
  const shown = deliveryIds.slice(0, SHOWN).join(', ');
  const more = deliveryIds.length - SHOWN;
  return `Anyup, deliveries ${shown}${more > 0 ? ` and ${more} more` : ''}`;
}
