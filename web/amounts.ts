// Amounts as people read them.

const WHOLE = new Intl.NumberFormat('en');

/** "41,208" */
export function exactly(n: number): string {
  return WHOLE.format(n);
}

/** Two figures of it: "41,000", "1.2 million". */
export function about(n: number): string {
  if (n < 100) return exactly(Math.round(n));
  const step = 10 ** (Math.floor(Math.log10(n)) - 1);
  const rounded = Math.round(n / step) * step;
  if (rounded >= 1e9) return `${trimmed(rounded / 1e9)} billion`;
  return rounded >= 1e6 ? `${trimmed(rounded / 1e6)} million` : exactly(rounded);
}

/** "18 %", "0.4 %", "less than 0.1 %" */
export function percent(share: number): string {
  const hundredths = share * 100;
  if (hundredths > 0 && hundredths < 0.1) return 'less than 0.1 %';
  return `${hundredths < 10 ? trimmed(hundredths) : exactly(Math.round(hundredths))} %`;
}

/** "740 MB" */
export function bytes(n: number): string {
  if (n >= 1e9) return `${trimmed(n / 1e9)} GB`;
  return n >= 1e6 ? `${trimmed(n / 1e6)} MB` : `${Math.round(n / 1000)} KB`;
}

function trimmed(n: number): string {
  return n.toFixed(1).replace(/\.0$/, '');
}
