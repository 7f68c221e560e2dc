// A link carries its secret behind "#", which browsers keep to themselves: one button sends it.
function offer(): void {
  const secret = location.hash.slice(1);
  const form = document.querySelector<HTMLFormElement>('#by-link');
  const field = form?.querySelector<HTMLInputElement>('input[name=link]');
  if (secret === '' || !form || !field) return;
  field.value = secret;
  field.type = 'hidden';
  for (const part of document.querySelectorAll<HTMLElement>('[data-when]')) {
    part.hidden = part.dataset.when !== 'link';
  }
  document.querySelector<HTMLElement>('#by-key')?.setAttribute('hidden', '');
  form.querySelector('button')?.focus();
  // What is used up need not stay in the address bar or the history.
  history.replaceState(null, '', location.pathname + location.search);
}

offer();
addEventListener('hashchange', offer);
