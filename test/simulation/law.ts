// What a law is: a promise, and when it is looked at.
import type { Evidence } from './evidence.ts';
import type { World } from './world.ts';

/** Something is not as promised; the text is for a person. */
export class LawBroken extends Error {
  readonly law: string;
  readonly text: string;

  constructor(law: string, text: string) {
    super(`${law}: ${text}`);
    this.law = law;
    this.text = text;
  }
}

/** What a law may know: all of it. */
export interface Watch {
  world: World;
  evidence: Evidence;
}

type Look = (watch: Watch) => string | null | undefined | Promise<string | null | undefined>;

/** Each look answers what is wrong, if anything is. */
export interface Law {
  /** As a promise. */
  promise: string;
  /** After every write. */
  wrote?: Look;
  /** Every few seconds. */
  looks?: Look;
  /** When all is over and has been calm for minutes. */
  ends?: Look;
  /** An hour later, when every hour of it is folded into history. */
  folded?: Look;
}

/** A law that keeps notes of its own is made anew for each world. */
export type MakeLaw = () => Law;
