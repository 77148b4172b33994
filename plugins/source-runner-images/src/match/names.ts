/** A name as two spellings of it are compared: exactly, but for case, spaces and a trailing colon. */
export function plainName(name: string): string {
  return name.normalize('NFC').trim().replace(/:$/, '').replace(/\s+/g, ' ').trim().toLowerCase()
}

/**
 * Name of a tool as the store can have it: what it has no place for becomes a dash. `C++`, `C--` and `Node.js` stay
 * what they are.
 */
export function packageName(tool: string): string {
  const clean = tool
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/[^A-Za-z0-9._+-]+/g, '-')
    .replace(/^[^A-Za-z0-9]+/, '')
    .slice(0, 100)
    .replace(/\.+$/, '')
  return clean === '' ? 'unnamed' : clean
}
