/** "2026-11-21T09:00", as the control has it, of an instant in the reader's zone. */
function ownText(at: Date): string {
  const two = (part: number) => String(part).padStart(2, '0');
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `${day}T${two(at.getHours())}:${two(at.getMinutes())}`;
}

/** The same in UTC of what was given in the reader's zone; nothing of what is no time. */
function utcText(own: string): string {
  const at = new Date(own);
  return Number.isNaN(at.getTime()) ? '' : at.toISOString().slice(0, 16);
}

/** Times that a form takes in UTC are given in the reader's zone; what is sent stays UTC. */
export function takeOwnTimes(): void {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone.replaceAll('_', ' ');
  for (const field of document.querySelectorAll<HTMLInputElement>('input[data-utc]')) {
    const sent = document.createElement('input');
    sent.type = 'hidden';
    sent.name = field.name;
    sent.value = field.value;
    field.removeAttribute('name');
    field.after(sent);
    const at = new Date(`${field.value}Z`);
    if (!Number.isNaN(at.getTime())) field.value = ownText(at);
    field.addEventListener('input', () => {
      sent.value = utcText(field.value);
    });
    const label = document.querySelector(`label[for="${field.id}"]`);
    if (label?.textContent) label.textContent = label.textContent.replace('UTC', zone);
  }
}
