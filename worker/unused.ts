// Stands in the bundle (wrangler.toml, [alias]) for what the mail library brings along to receive mail and webhooks: a
// third of its weight. We only send.

export default class Unused {}

export { Unused as Webhook };
