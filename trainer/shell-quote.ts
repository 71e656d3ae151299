// Printed commands that can be pasted, whatever a folder is called.

/** An argument as a POSIX shell takes it. */
export function shellQuote(text: string): string {
  return /^[\w./:,@-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
