// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are pieces of other files' source.
// The test of the test: bugs planted one by one into a copy of the code as it is loaded. Each must be caught.

export interface Plant {
  name: string;
  /** Where, and which words become which. */
  file: string;
  from: string;
  to: string;
}

export const PLANTS: Plant[] = [
  {
    name: 'a judgement is written whatever has happened since it was read',
    file: 'worker/judge/commit.ts',
    from: 'where shard = ? and version = ? and ${unchanged}`,\n    args: [writeId, decision.dueAt, body, shard, version, from, to, read],',
    to: 'where shard = ?`,\n    args: [writeId, decision.dueAt, body, shard],',
  },
  {
    name: 'a judgement does not mind views that changed since they were read',
    file: 'worker/judge/commit.ts',
    from: 'where shard = ? and version = ? and ${unchanged}`,\n    args: [writeId, decision.dueAt, body, shard, version, from, to, read],',
    to: 'where shard = ? and version = ?`,\n    args: [writeId, decision.dueAt, body, shard, version],',
  },
  {
    name: 'views never grow old',
    file: 'core/view.ts',
    from: 'return view.at > 0 && now <= view.at + view.freshForMs;',
    to: 'return view.at > 0 && now > 0;',
  },
  {
    name: 'a reading counts before the disk has it',
    file: 'runner/spool/spool.ts',
    from: 'if (await this.#files.append(segment, frame)) return segment;',
    to: 'void this.#files.append(segment, frame); return segment;',
  },
  {
    name: 'runners are counted in place of locations',
    file: 'core/locationView.ts',
    from: 'if (each.view !== null && (best === null || precedes(each, best, now))) best = each;',
    to: 'if (each.view !== null && (best === null || (each.view.level ?? 0) > (best.view?.level ?? 0))) best = each;',
  },
  {
    name: 'unknown forgets what was told',
    file: 'core/state.ts',
    from: "  if (verdict.status !== 'unknown') {\n    state = keepIncident",
    to: "  if (verdict.status === 'unknown') state = { ...state, lastTold: null };\n  if (verdict.status !== 'unknown') {\n    state = keepIncident",
  },
  {
    name: 'a repeated post is appended again',
    file: 'worker/ingest/ingest.ts',
    from: 'if (isRepeat(post, view)) {',
    to: `if (isRepeat(post, view)) {
    const { byCheck: again } = sortResults(results, { planned: (id) => configuration.plan.byId.get(id), assigned: () => true, now, reachMs: 86_400_000 });
    await write(platform.db, [seenStatement(post, now), ...resultsStatements(post, storedResults(again), now)]);`,
  },
  {
    name: 'the late stream changes the present',
    file: 'worker/ingest/ingest.ts',
    from: "stream === 'live' ? foldResults",
    to: 'post ? foldResults',
  },
  {
    name: 'a batch is dropped after a 409',
    file: 'runner/posting/lane.ts',
    from: '      this.#seq = outcome.seq;\n    }',
    to: "      this.#seq = outcome.seq;\n      if (batch.held.length > 0) return { type: 'unreadable', why: 'sequence' };\n    }",
  },
  {
    name: 'nobody asks for a missing witness',
    file: 'core/merge.ts',
    from: "if (witnesses.length > 0) return unknown('witness_missing', witnesses);",
    to: '',
  },
  {
    name: 'readings of another revision count',
    file: 'worker/ingest/fold.ts',
    from: 'results.filter(({ rev }) => rev === check.rev)',
    to: 'results.filter(() => true)',
  },
  {
    name: 'a deaf worker calls runners silent',
    file: 'core/pulse.ts',
    from: 'export function hearing(pulse: Pulse, now: number): Hearing {',
    to: 'export function hearing(pulse: Pulse, now: number): Hearing {\n  if (now > 0) return { judgedAt: now, deaf: false };',
  },
  {
    name: 'dispatchers take what another has taken',
    file: 'worker/dispatch/claim.ts',
    from: "where status = 'owed' and due_at <= ? and channel_id not in (${LOCKED}) order by id limit ?`",
    to: "where status = 'owed' and due_at <= ? and (true or channel_id in (${LOCKED})) order by id limit ?`",
  },
  {
    name: 'two ticks at once both tell of the fleet',
    file: 'worker/tick/writePulse.ts',
    from: 'where id = 1 and version = ?`,\n    args: [writeId, tickAt, graceUntilAt, frozenAt, fleet, version],',
    to: 'where id = 1 and ? is not null`,\n    args: [writeId, tickAt, graceUntilAt, frozenAt, fleet, version],',
  },
  {
    name: 'what a rejected write decided is told all the same',
    file: 'worker/judge/commit.ts',
    from: 'enqueue([...notices], decision.at, won)',
    to: 'enqueue([...notices], decision.at)',
  },
  {
    name: 'blind readings have a vote',
    file: 'core/view.ts',
    from: 'if (reading.blind) return before.blind ? before : { ...before, blind: true };',
    to: '',
  },
  {
    name: 'one bad reading is enough',
    file: 'core/view.ts',
    from: "direction === 'worse' ? rules.failures : rules.successes",
    to: 'rules.successes',
  },
  {
    name: 'what was posted is forgotten before the worker has it',
    file: 'runner/posting/live.ts',
    from: '    this.#batch.inFlight = true;',
    to: '    this.#batch.inFlight = true;\n    this.#office.spool.done(made.held);',
  },
  {
    name: 'after a start the spool is not looked at',
    file: 'runner/spool/spool.ts',
    from: 'for (const name of await this.#files.names()) {',
    to: 'for (const name of [] as string[]) {',
  },
  {
    name: 'zeros at the end of a file are taken for a frame',
    file: 'runner/spool/frame.ts',
    from: 'if (length === 0 || length > MAX',
    to: 'if (length > MAX',
  },
  {
    name: 'the runner believes the wall clock alone',
    file: 'runner/clock.ts',
    from: '    const errorMs = estimate - this.now();',
    to: '    const errorMs = 0 * (estimate - this.now());',
  },
  {
    name: 'folding adds in place of uniting',
    file: 'core/history/readings.ts',
    from: '    if (left <= right) i++;\n    if (right <= left) j++;',
    to: '    if (takesLeft) i++;\n    else j++;',
  },
  {
    name: 'nobody looks for what arrived late',
    file: 'worker/history/history.ts',
    from: 'const scanned = await scanLate(platform, cursor, context);',
    to: 'const scanned = null;',
  },
  {
    name: 'a change of votes is left to the tick',
    file: 'worker/ingest/ingest.ts',
    from: 'judged = await judge(',
    to: 'judged = false && await judge(',
  },
  {
    name: 'a message counts as sent before it is',
    file: 'worker/dispatch/record.ts',
    from: "if (result.ok) return { status: 'sent', receipt: result.receipt };",
    to: "if (result.ok || !result.ok) return { status: 'sent', receipt: '' };",
  },
];
