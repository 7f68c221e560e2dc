// On every page: times in the reader's zone, parts that renew themselves, a word when the page grows old.
import { keepFresh } from './parts/refresh.ts';
import { keepTimes } from './parts/times.ts';

keepTimes();
keepFresh();
