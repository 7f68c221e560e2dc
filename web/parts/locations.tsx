// What each location says of a check.
import { isKind, kindOf } from '#core/checks/index.ts';
import { humanRtt } from '#core/duration.ts';
import { isReasonCode, REASONS } from '#core/reason.ts';
import type { CheckModel, LocationModel } from '../models.ts';
import { checkName, missingWords, STATUS_WORDS } from '../words.ts';
import { Shape } from './shape.tsx';
import { Time } from './time.tsx';

interface Props {
  check: CheckModel;
  /** Leaves the time of the last reading to the host's own page. */
  brief?: boolean;
  /** What the owner of a runner does that cannot measure. */
  mends?: boolean;
}

export function LocationTable({ check, brief = false, mends = false }: Props) {
  if (check.locations.length === 0) {
    // A check that is about the runner's own word is watched by nobody else.
    if (isKind(check.kind) && kindOf(check.kind).mustReportMs) return null;
    return <p class="soft">No location looks at it: no runner is assigned.</p>;
  }
  return (
    <table class="says">
      <caption class="unseen">{checkName(check)} by location</caption>
      <thead class="unseen">
        <tr>
          <th scope="col">Location</th>
          <th scope="col">Says</th>
          <th scope="col">RTT</th>
          <th scope="col">Reason</th>
          {!brief && <th scope="col">Last reading</th>}
        </tr>
      </thead>
      <tbody>
        {check.locations.map((each) => (
          <tr>
            <th scope="row">{each.location}</th>
            <td class="word">
              <Shape of={each.status} /> {STATUS_WORDS[each.status]}
            </td>
            <td class="rtt">{each.rttUs !== null && humanRtt(each.rttUs)}</td>
            <td class="why">
              {why(each)}
              {mends && <Mend location={each} />}
            </td>
            {!brief && (
              <td class="when">{each.at !== null ? <Time at={each.at} relative /> : 'never'}</td>
            )}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** What is up may still have something to say: a figure, a script's message. */
function why({ missing, reason }: LocationModel): string {
  if (missing === null) return reason.text;
  return missing === 'unable' ? `${missingWords(missing)}: ${reason.text}` : missingWords(missing);
}

function Mend({ location: { missing, reason } }: { location: LocationModel }) {
  const mend = missing === 'unable' && isReasonCode(reason.code) ? REASONS[reason.code].mend : '';
  return mend && <p class="soft">{mend}</p>;
}
