// In the admin pages: buttons that copy, tries that show their progress in the form they belong to, and the live view.
import { listen } from './parts/live.ts';

function offerCopy(): void {
  for (const button of document.querySelectorAll<HTMLButtonElement>('[data-copy]')) {
    button.hidden = !navigator.clipboard;
  }
  document.addEventListener('click', async (event) => {
    const button = event.target instanceof Element ? event.target.closest('[data-copy]') : null;
    const text = button?.parentElement?.querySelector('code')?.textContent;
    if (!button || !text) return;
    await navigator.clipboard.writeText(text);
    button.textContent = 'Copied';
    setTimeout(() => {
      button.textContent = 'Copy';
    }, 2000);
  });
}

/** "Try it" answers beneath the form; whatever is not a plain outcome (a field refused) is left to the browser. */
function tryInPlace(): void {
  document.addEventListener('submit', async (event) => {
    const { submitter, target } = event;
    if (!(target instanceof HTMLFormElement) || !(submitter instanceof HTMLButtonElement)) return;
    const place = target.querySelector('[data-try-here]');
    if (!place || !('try' in submitter.dataset)) return;
    event.preventDefault();
    submitter.disabled = true;
    const outcome = await ask(submitter.formAction, new FormData(target));
    submitter.disabled = false;
    if (outcome) {
      forgetErrors(target);
      place.replaceChildren(outcome);
      return;
    }
    delete submitter.dataset.try;
    submitter.formTarget = '';
    target.requestSubmit(submitter);
  });
}

/** What was refused before is not so any more. */
function forgetErrors(form: HTMLFormElement): void {
  for (const told of form.querySelectorAll('.said.bad, .error')) told.remove();
  for (const field of form.querySelectorAll('.wrong')) {
    field.classList.remove('wrong');
    field.querySelector('[aria-invalid]')?.removeAttribute('aria-invalid');
  }
}

async function ask(address: string, data: FormData): Promise<Element | null> {
  try {
    const body = new URLSearchParams();
    for (const [name, value] of data) if (typeof value === 'string') body.append(name, value);
    const answer = await fetch(address, { method: 'POST', body, headers: { accept: 'text/html' } });
    if (!answer.ok) return null;
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
    const outcome = page.getElementById('try');
    return outcome && document.importNode(outcome, true);
  } catch {
    return null;
  }
}

offerCopy();
tryInPlace();
listen();
