// The outcome of a try, as far as it is known.
import { humanRtt } from '#core/duration.ts';
import { isReasonCode, publicReason, REASONS } from '#core/reason.ts';
import { capital } from '#core/text.ts';
import type { TryModel } from '../adminModels.ts';
import { PhaseList } from './phases.tsx';
import { Shape, StatusText } from './shape.tsx';

export interface TryOutcomeProps {
  model: TryModel;
  /** The page that shows this part anew. */
  from: string;
  /** What would be saved by the form around this; null = that form has all fields itself. */
  target: string | null;
}

export function TryOutcome({ model, from, target }: TryOutcomeProps) {
  const { measurement, pollAfterMs } = model;
  const again =
    pollAfterMs === null
      ? {}
      : { 'data-refresh': String(Math.max(0.5, pollAfterMs / 1000)), 'data-refresh-from': from };
  return (
    <section
      id="try"
      class={`card try ${model.status ?? 'unknown'}`}
      aria-label="Try"
      {...again}
      data-said={pollAfterMs === null ? model.words : undefined}
    >
      {pollAfterMs === null ? (
        <p class="outcome">
          {model.status ? <StatusText of={model.status} /> : <Shape of="unknown" />}
          {measurement?.rttUs != null && <span class="rtt">{humanRtt(measurement.rttUs)}</span>}
          <span class="soft">from {model.runner}</span>
        </p>
      ) : (
        <p class="outcome waiting">
          <span class="progress" aria-hidden="true" />
          {model.state === 'taken' ? `${model.runner} is probing …` : `Asking ${model.runner} …`}
        </p>
      )}
      {measurement && <Particulars measurement={measurement} />}
      {model.findings.length > 0 && <Findings findings={model.findings} />}
      {model.certificate && <Certificate text={model.certificate} />}
      {measurement?.detail && (
        <details>
          <summary>What it answered</summary>
          {/* Wide output is scrolled, also by keyboard. */}
          <pre tabindex={0}>{measurement.detail}</pre>
        </details>
      )}
      {model.state === 'expired' && <p>{capital(model.words)}</p>}
      {model.proposes && (
        <p class="soft">
          The output reads like the {model.proposes.protocol} protocol
          {target === null ? ': choose it in the form.' : '; it is saved with the check.'}
        </p>
      )}
      {target !== null && <Proposal model={model} target={target} />}
    </section>
  );
}

/** For the form that saves it: what the try proposed for this address. */
export function Proposal({ model, target }: { model: TryModel; target: string }) {
  return (
    model.proposes && (
      <>
        <input type="hidden" name="protocol" value={model.proposes.protocol} />
        <input type="hidden" name="protocolOf" value={target} />
      </>
    )
  );
}

function Particulars({ measurement }: { measurement: NonNullable<TryModel['measurement']> }) {
  const { code, text, phases, metrics = [] } = measurement;
  const mend = isReasonCode(code) ? REASONS[code].mend : '';
  const said = text || (code === 'ok' ? '' : publicReason(code));
  return (
    <>
      {said && <p>{capital(said)}</p>}
      {mend && <p class="soft">{mend}</p>}
      {phases && <PhaseList phases={phases} />}
      {metrics.length > 0 && (
        <dl class="phases">
          {metrics.slice(0, 12).map(({ name, value, unit }) => (
            <div>
              <dt>{name}</dt>
              <dd class="rtt">
                {value} {unit ?? ''}
              </dd>
            </div>
          ))}
        </dl>
      )}
    </>
  );
}

function Findings({ findings }: { findings: TryModel['findings'] }) {
  return (
    <section aria-label="Expectations">
      <h3>What was expected, and what came</h3>
      <table class="findings">
        <thead class="unseen">
          <tr>
            <th scope="col">Is it so</th>
            <th scope="col">Expectation</th>
            <th scope="col">What came</th>
          </tr>
        </thead>
        <tbody>
          {findings.map(({ name, ok, expected, got }) => (
            <tr class={ok ? 'up' : 'down'}>
              <td class="word">
                <Shape of={ok ? 'up' : 'down'} /> {ok ? 'yes' : 'no'}
              </td>
              <th scope="row">
                <span class="soft">{name}</span> <code>{expected}</code>
              </th>
              <td>
                <code>{got}</code>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Certificate({ text }: { text: string }) {
  const facts = text.split('\n').map((line) => /^([^:]+): (.*)$/.exec(line) ?? ['', '', line]);
  return (
    <details>
      <summary>The certificate</summary>
      <dl class="facts">
        {facts.map(([, name, value]) => (
          <div>
            <dt>{capital(name ?? '')}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </details>
  );
}
