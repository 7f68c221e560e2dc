// What the page of a host shows of checks that Anyup answers itself: where a job calls and what it sent, what a group is
// made of, and the form that sets a status by hand.
import { humanDuration } from '#core/duration.ts';
import type { HeartbeatForm, MemberModel } from '../adminModels.ts';
import { NOTHING_TYPED } from '../form/errors.ts';
import { Command } from './command.tsx';
import { Confirm } from './confirm.tsx';
import { ChoiceField, TextField } from './field.tsx';
import { StatusText } from './shape.tsx';
import { Time } from './time.tsx';

/** `deeds`: the address under which its deeds are posted. */
export function Heartbeat({ heartbeat, deeds }: { heartbeat: HeartbeatForm; deeds: string }) {
  const { url, lastAt, startedAt, runMs, body, bodyAt } = heartbeat;
  return (
    <>
      {url === null ? (
        <p>
          Its address cannot be shown: it came with a backup, and is known again with the first
          call, or it was sealed under a secret that is gone. The job can still call it.
        </p>
      ) : (
        <>
          <p class="soft">
            The job calls this when it is done; <code>$?</code> says how it ended:
          </p>
          <Command title="What the job calls" text={`curl -fsS -m 10 --retry 5 ${url}/$?`} />
        </>
      )}
      <p>
        {lastAt === null ? (
          'It has not called yet.'
        ) : (
          <>
            Last call: <Time at={lastAt} relative />.
          </>
        )}
        {runMs !== null && ` That run took ${humanDuration(runMs)}.`}
        {startedAt !== null && (
          <>
            {' '}
            A run began <Time at={startedAt} relative /> and has not ended.
          </>
        )}
      </p>
      {body !== null && (
        <details>
          <summary>
            What it sent
            {bodyAt !== null && (
              <>
                {' '}
                (<Time at={bodyAt} />)
              </>
            )}
          </summary>
          {/* Wide output is scrolled, also by keyboard. */}
          <pre tabindex={0}>{body}</pre>
        </details>
      )}
      <Confirm action={`${deeds}/address`} verb="New address">
        The address it has now is taken no more: the job must call the new one.
      </Confirm>
    </>
  );
}

const STATUSES = [
  ['up', 'up'],
  ['degraded', 'degraded'],
  ['down', 'down'],
] as const;

interface SetStatusProps {
  deeds: string;
  checkId: number;
  status: string;
}

export function SetStatus({ deeds, checkId, status }: SetStatusProps) {
  return (
    <form method="post" action={`${deeds}/status`} class="form set-status">
      <div class="pair">
        <ChoiceField
          name={`status-${checkId}`}
          title="It is"
          typed={NOTHING_TYPED}
          value={status}
          choices={STATUSES}
        />
        <TextField
          name={`note-${checkId}`}
          title="Note"
          typed={NOTHING_TYPED}
          placeholder="why, in a sentence"
        />
      </div>
      <div class="deeds">
        <button type="submit">Set</button>
      </div>
    </form>
  );
}

export function Members({ members }: { members: readonly MemberModel[] }) {
  return (
    <ul class="members">
      {members.map(({ name, hostId, status, weight }) => (
        <li>
          <StatusText of={status} />{' '}
          {hostId === null ? name : <a href={`/admin/hosts/${hostId}`}>{name}</a>}
          {weight > 1 && <span class="soft"> weighs {weight}</span>}
        </li>
      ))}
    </ul>
  );
}
