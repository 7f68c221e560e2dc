/** Bytes of data in an echo request where nothing else is said: as ping sends since 1983. */
export const USUAL_SIZE = 56;
