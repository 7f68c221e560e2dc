import { glob, readFile } from 'node:fs/promises';
import { Failure } from '../failure.ts';
import { type ReadFigure, round } from './figure.ts';
import { libraryTemperature } from './library.ts';

const SENSORS = '/sys/class/{hwmon/hwmon*/temp*_input,thermal/thermal_zone*/temp}';

/** The hottest sensor, °C. */
export const readTemperature: ReadFigure = async () => {
  const celsius = process.platform === 'linux' ? await hottest() : await libraryTemperature();
  if (celsius === null) {
    return new Failure(
      'unable.machine',
      'this machine has no sensor of temperature that can be read',
    );
  }
  const value = round(celsius);
  return { value, unit: ' °C', metrics: [{ name: 'temperature', value, unit: '°C' }] };
};

async function hottest(): Promise<number | null> {
  let highest: number | null = null;
  for await (const path of glob(SENSORS)) {
    const text = await readFile(path, 'latin1').catch(() => '');
    const celsius = text.trim() === '' ? Number.NaN : Number(text) / 1000;
    // Sensors that are not connected say nonsense.
    if (!(celsius > -50 && celsius < 200)) continue;
    if (highest === null || celsius > highest) highest = celsius;
  }
  return highest;
}
