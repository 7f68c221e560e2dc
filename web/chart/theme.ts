// The pages' colours as plain values: an image in an e-mail has no stylesheet (web/styles/parts/tokens.css).
import type { BandStatus } from './bands.ts';

export type ThemeName = 'light' | 'dark';

export interface Theme {
  card: string;
  ink: string;
  soft: string;
  grid: string;
  edge: string;
  line: string;
  bands: Record<BandStatus, string>;
  /** Of locations, in order; beyond the last they begin anew. */
  lines: readonly string[];
}

export const THEMES: Record<ThemeName, Theme> = {
  light: {
    card: '#ffffff',
    ink: '#1a1c1f',
    soft: '#595d63',
    grid: '#e4e4e0',
    edge: '#84888e',
    line: '#1d5bb8',
    bands: { down: '#bf2028', degraded: '#8a5700', unknown: '#5b6270', maintenance: '#5a4fb0' },
    lines: ['#1d5bb8', '#7a2fb5', '#00766c', '#a8326f', '#5c6200', '#4a5568'],
  },
  dark: {
    card: '#191a1c',
    ink: '#ececea',
    soft: '#a4a8ae',
    grid: '#2b2d31',
    edge: '#71757b',
    line: '#8db8ff',
    bands: { down: '#ff8078', degraded: '#f2b84b', unknown: '#a9b0bc', maintenance: '#b3a8ff' },
    lines: ['#8db8ff', '#cda6ff', '#4fd1c0', '#f59ac2', '#d4cc62', '#b8c4d2'],
  },
};

/** A second sign beside the colour, location by location. */
export const DASHES = ['', '7 3', '2 3', '9 3 2 3', '4 2', '1 2'] as const;

/** The n-th of a list that begins anew when it ends. */
export function nth<T>(list: readonly T[], n: number): T {
  return list[n % list.length] as T;
}
